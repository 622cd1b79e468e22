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
import java.util.List;

/** Stable identities, above all of alerts, as short as chat messages and document ids like them. */
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
        return of(BYTES, List.of(cluster, alert, subjectKey, Long.toString(startsAtMillis)));
    }

    /**
     * The first bytes of a SHA-256 over parts, each closed by a zero byte, in hexadecimal.
     *
     * @param bytes how many; at most 32
     */
    public static String of(int bytes, List<String> parts) {
        return of(bytes, String.join("\0", parts) + "\0");
    }

    /** The first bytes of a text's SHA-256, in hexadecimal. */
    public static String of(int bytes, String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256; this one does not.", e);
        }
    }
}
