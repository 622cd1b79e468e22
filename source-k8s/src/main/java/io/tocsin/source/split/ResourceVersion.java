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
package io.tocsin.source.split;

import io.tocsin.annotation.Pure;

/**
 * A resource version that can be ordered: a decimal number of up to 128 bits. Shorter is older;
 * among equally long ones the lexically smaller is older.
 *
 * <p>Semantics: KEP-5504, "Comparable resource versions". Only versions of one resource of one
 * cluster, and of one life of its etcd, may be compared.
 *
 * @param value decimal digits without a leading zero, or {@code 0}
 */
@Pure
public record ResourceVersion(String value) implements Comparable<ResourceVersion> {

    /** Before every version. */
    public static final ResourceVersion NONE = new ResourceVersion("0");

    private static final String MAX = "340282366920938463463374607431768211455";

    /**
     * Reads a version.
     *
     * @throws IllegalArgumentException if it is not a decimal number of up to 128 bits; names the
     *     version, what was expected and why
     */
    public static ResourceVersion parse(String text) {
        if (!isValid(text)) {
            throw new IllegalArgumentException(
                    "Cannot order resourceVersion '"
                            + text
                            + "': expected a decimal number of at most 128 bits, as every"
                            + " Kubernetes API server with etcd storage writes it (KEP-5504). This"
                            + " server, or a proxy before it, does not keep to that; its resources"
                            + " cannot be watched exactly.");
        }
        return new ResourceVersion(text);
    }

    /** Whether {@link #parse} takes the text. */
    public static boolean isValid(String text) {
        if (text == null || text.isEmpty() || text.length() > MAX.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        if (text.charAt(0) == '0') {
            return text.length() == 1;
        }
        return text.length() < MAX.length() || text.compareTo(MAX) <= 0;
    }

    /** Whether this version is newer than the other. */
    public boolean isAfter(ResourceVersion other) {
        return compareTo(other) > 0;
    }

    /** Whether this is {@link #NONE}. */
    public boolean isNone() {
        return equals(NONE);
    }

    @Override
    public int compareTo(ResourceVersion other) {
        int byLength = Integer.compare(value.length(), other.value.length());
        return byLength != 0 ? byLength : value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
