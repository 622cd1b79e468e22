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

import io.tocsin.source.api.ClusterContact.Forbidden;
import io.tocsin.source.api.ClusterContact.NotKubernetes;
import io.tocsin.source.api.ClusterContact.Unauthorized;
import io.tocsin.source.api.ClusterContact.Unreachable;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Tries once to list and to watch, as a run will do, and tells what is wrong otherwise. Stateless;
 * any thread; blocks.
 *
 * @param server scheme, host and port, for messages
 * @param context name of the kubeconfig's context, for messages
 */
record ListWatchTrial(String server, String context) {

    /** KEP-5504: what can be compared. */
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,39}");

    /** Null if what an API leads to can be listed and watched. Closes it. */
    ClusterContact of(ResourceApi opened, String what) throws InterruptedException {
        try (ResourceApi api = opened) {
            Attempt attempt = new Attempt(api);
            api.list(1, null, null, attempt);
            if (!(attempt.last instanceof Signal.Page page)) {
                return problem("list", attempt.last, what);
            }
            if (!DECIMAL.matcher(page.resourceVersion()).matches()) {
                return new NotKubernetes(
                        server
                                + " numbers its versions like '"
                                + StatusReader.printable(page.resourceVersion(), 40)
                                + "'; decimal numbers were expected, as every Kubernetes API server"
                                + " on etcd has them");
            }
            attempt.watching = true;
            api.watch(page.resourceVersion(), Duration.ofSeconds(1), attempt);
            return attempt.opened ? null : problem("watch", attempt.last, what);
        }
    }

    private ClusterContact problem(String verb, Signal signal, String what) {
        if (signal instanceof Signal.Refused refused) {
            if (refused.status() == 401) {
                return unauthorized();
            }
            if (refused.status() == 403) {
                return new Forbidden(
                        "not allowed to "
                                + verb
                                + " "
                                + what
                                + " (context "
                                + context
                                + "): "
                                + refused.message());
            }
            String answer =
                    server
                            + " answers "
                            + verb
                            + " "
                            + what
                            + " with HTTP "
                            + refused.status()
                            + ": "
                            + refused.message();
            return refused.status() < 429 ? new NotKubernetes(answer) : new Unreachable(answer);
        }
        String message = signal instanceof Signal.Closed closed ? closed.message() : "" + signal;
        return new Unreachable("cannot " + verb + " " + what + " at " + server + ": " + message);
    }

    /** The server does not know who asks. */
    Unauthorized unauthorized() {
        return new Unauthorized(
                server
                        + " does not accept the credentials of context "
                        + context
                        + " (HTTP 401): log in again, or check its user in the kubeconfig");
    }

    /** Remembers how a call ended; a watch that opens has shown enough. */
    private static final class Attempt implements ResourceApi.Handler {
        private final ResourceApi api;
        private Signal last;
        private boolean watching;
        private boolean opened;

        Attempt(ResourceApi api) {
            this.api = api;
        }

        @Override
        public boolean wants(String namespace, String name, String resourceVersion) {
            return false;
        }

        @Override
        public void on(Signal signal) {
            last = signal;
            if (watching && signal instanceof Signal.Opened) {
                opened = true;
                api.cancel();
            }
        }
    }
}
