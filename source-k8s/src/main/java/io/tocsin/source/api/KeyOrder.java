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
package io.tocsin.source.api;

/**
 * Follows whether keys come in ascending order of {@code namespace/name} as UTF-8 bytes, which is
 * the order of etcd.
 */
final class KeyOrder {

    private boolean ascending = true;
    private String lastNamespace;
    private String lastName;

    /**
     * The next key.
     *
     * @param name null for an object that was not understood; it says nothing about the order
     */
    void add(String namespace, String name) {
        if (name == null) {
            return;
        }
        if (lastName != null
                && compareUtf8(key(lastNamespace, lastName), key(namespace, name)) >= 0) {
            ascending = false;
        }
        lastNamespace = namespace;
        lastName = name;
    }

    boolean isAscending() {
        return ascending;
    }

    /** Null for a cluster-scoped object, or before any. */
    String lastNamespace() {
        return lastNamespace;
    }

    /** Null before any. */
    String lastName() {
        return lastName;
    }

    private static String key(String namespace, String name) {
        return (namespace == null ? "" : namespace) + "/" + name;
    }

    /** Order of UTF-8 bytes, which is the order of code points and not that of chars. */
    private static int compareUtf8(String left, String right) {
        int bound = Math.min(left.length(), right.length());
        for (int i = 0; i < bound; i++) {
            char l = left.charAt(i);
            char r = right.charAt(i);
            if (l != r) {
                boolean lowLeft = Character.isSurrogate(l);
                return lowLeft == Character.isSurrogate(r)
                        ? Character.compare(l, r)
                        : lowLeft ? 1 : -1;
            }
        }
        return Integer.compare(left.length(), right.length());
    }
}
