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
package io.tocsin.source.json;

import java.io.IOException;

/** What is read is not plain: no JSON perhaps, perhaps only unusual. */
public final class NotPlainException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Has no stack trace, and nobody is to add to it: each unusual event throws it. */
    static final NotPlainException INSTANCE = new NotPlainException();

    private NotPlainException() {
        super("no plain JSON");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
