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

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/** Says what went wrong on the network in words that an operator can act upon. */
final class NetworkFailure {

    private static final int DEPTH = 10;

    private NetworkFailure() {}

    static String describe(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < DEPTH; i++, cause = cause.getCause()) {
            // Most telling first: the JDK's client reports an unknown host as a failed connect.
            if (has(failure, UnresolvedAddressException.class)
                    || has(failure, UnknownHostException.class)) {
                return "the host name cannot be resolved";
            }
            if (cause instanceof HttpTimeoutException) {
                return "no connection in time";
            }
            if (cause instanceof SSLException) {
                return cause.getMessage() != null && cause.getMessage().contains("PKIX")
                        ? "its TLS certificate is signed by no authority that is trusted here"
                        : "TLS failed: " + StatusReader.printable(messages(cause), 300);
            }
            if (cause instanceof ConnectException) {
                return cause.getMessage() == null ? "connection refused" : cause.getMessage();
            }
        }
        return StatusReader.printable(messages(failure), 300);
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> type) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < DEPTH; i++, cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    /** The messages of a chain of causes without repetitions: clients wrap several times. */
    private static String messages(Throwable failure) {
        StringBuilder text = new StringBuilder();
        Throwable cause = failure;
        for (int i = 0; cause != null && i < DEPTH; i++, cause = cause.getCause()) {
            String message = cause.getMessage();
            if (message == null) {
                message = cause.getClass().getSimpleName();
            }
            boolean wraps =
                    cause.getCause() != null
                            && (cause.getMessage() == null
                                    || message.equals(cause.getCause().toString()));
            if (!wraps && text.indexOf(message) < 0) {
                text.append(text.length() == 0 ? "" : ": ").append(message);
            }
        }
        return text.toString();
    }
}
