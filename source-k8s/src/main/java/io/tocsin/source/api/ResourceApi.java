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

import java.time.Duration;

/**
 * The seam to the network: lists, watches, probes and looks into one resource of one cluster in one
 * scope.
 *
 * <p>Calls block until they are over and tell everything that happens, failures included, to their
 * handler, in order; they throw only {@link InterruptedException}. One call at a time per instance,
 * except {@link #cancel} and {@link #close}, which any thread may call. No retries, no backoff, no
 * memory of what was read: that is policy.
 */
public interface ResourceApi extends AutoCloseable {

    /**
     * Receives signals in the calling thread. May block: then nothing more is read from the
     * connection.
     */
    interface Handler {
        /**
         * Whether this version of this object matters; if not, its body is neither kept nor parsed
         * and it is told as nothing (list) or a bookmark (watch).
         */
        boolean wants(String namespace, String name, String resourceVersion);

        /** Takes a signal. */
        void on(Signal signal) throws InterruptedException;
    }

    /**
     * Lists one page.
     *
     * @param limit items per page; 0 for all
     * @param continueToken token of the page before, or null
     * @param exactVersion list exactly this version (resourceVersionMatch=Exact), or null for the
     *     latest; not with a token
     */
    void list(int limit, String continueToken, String exactVersion, Handler handler)
            throws InterruptedException;

    /**
     * Watches from a version until the watch ends.
     *
     * @param timeout how long the server is asked to keep it open; idle longer than this and a
     *     margin means half-open
     */
    void watch(String resourceVersion, Duration timeout, Handler handler)
            throws InterruptedException;

    /**
     * Asks whether the server knows a version at all (limit=1, resourceVersionMatch=NotOlderThan):
     * tells a Page, or Refused with resourceVersionTooLarge.
     */
    void probe(String resourceVersion, Handler handler) throws InterruptedException;

    /**
     * Looks for one object by a list with a field selector, so that the verbs list and watch
     * suffice: tells it as Upserted, or nothing, then a Page.
     *
     * @param namespace its namespace; null for a cluster-scoped object
     */
    void look(String namespace, String name, Handler handler) throws InterruptedException;

    /** Ends the call that is under way, if any: it tells Closed(CANCELLED) and returns. */
    void cancel();

    /** Re-reads credentials before the next call: after a 401. */
    void reloadCredentials();

    @Override
    void close();
}
