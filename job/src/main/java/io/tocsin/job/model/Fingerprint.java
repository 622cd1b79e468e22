/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.tocsin.job.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Stable identities of alerts, as short as chat messages and document ids like them. */
public final class Fingerprint {

    private static final int BYTES = 16;

    private Fingerprint() {}

    /**
     * Identity of an episode: the first 128 bits of a SHA-256, in hexadecimal.
     *
     * @param cluster name of the cluster
     * @param alert identity of the rule's alerts
     * @param subjectKey key of the subject
     * @param startsAtMillis begin of the episode
     */
    public static String of(String cluster, String alert, String subjectKey, long startsAtMillis) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part :
                    new String[] {cluster, alert, subjectKey, Long.toString(startsAtMillis)}) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256; this one does not.", e);
        }
    }
}
