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
package io.tocsin.source.scenario;

/** What servers say when they fail, as JSON. */
final class ServerErrors {

    private ServerErrors() {}

    /** A Status object. */
    static String status(int code, String reason, String message) {
        return """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
        "message":"%s","reason":"%s","code":%d}"""
                .formatted(message, reason, code);
    }

    /** A line of a watch. */
    static String line(int code, String reason, String message) {
        return "{\"type\":\"ERROR\",\"object\":" + status(code, reason, message) + "}";
    }
}
