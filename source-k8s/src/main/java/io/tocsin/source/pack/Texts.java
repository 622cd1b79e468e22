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
package io.tocsin.source.pack;

/** Makes texts fit for keys and for UTF-8. */
public final class Texts {

    private static final char LEAST_SEPARATOR = '\u001c';
    private static final char LAST_SEPARATOR = '\u001f';
    private static final char REPLACEMENT = '\ufffd';

    private Texts() {}

    /**
     * The same text; but a surrogate without its other half becomes U+FFFD, since UTF-8 has no form
     * for it, and the separators U+001C to U+001F, which part the texts of keys, become {@code ?}.
     * A key must be the same where it is sent from and where it arrives.
     *
     * @param text the text, or null
     */
    public static String clean(String text) {
        if (text == null) {
            return null;
        }
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c) || c >= LEAST_SEPARATOR && c <= LAST_SEPARATOR) {
                return cleaned(text);
            }
        }
        return text;
    }

    private static String cleaned(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair =
                    Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                clean.append(c).append(text.charAt(++i));
            } else if (Character.isSurrogate(c)) {
                clean.append(REPLACEMENT);
            } else {
                clean.append(c >= LEAST_SEPARATOR && c <= LAST_SEPARATOR ? '?' : c);
            }
        }
        return clean.toString();
    }
}
