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
package io.tocsin.job.cli;

import io.tocsin.testing.ScriptedApiServer;

/** API servers that are well as far as events go. */
final class Scripts {
    static final String PAGE = "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]}";

    private Scripts() {}

    /**
     * @param others answers what regards no event
     */
    static ScriptedApiServer serving(ScriptedApiServer.Script others) {
        return ScriptedApiServer.start(
                (request, exchange) -> {
                    if (request.equals("GET /version")) {
                        exchange.send("{\"major\":\"1\",\"gitVersion\":\"v1.34.4\"}");
                    } else if (!request.contains("/events?")) {
                        others.answer(request, exchange);
                    } else if (request.contains("watch=1")) {
                        exchange.status(200);
                    } else {
                        exchange.send(PAGE);
                    }
                });
    }
}
