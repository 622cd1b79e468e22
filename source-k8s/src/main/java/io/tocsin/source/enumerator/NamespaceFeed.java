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
package io.tocsin.source.enumerator;

import java.util.Map;
import java.util.function.Consumer;

/** Tells which namespaces are selected, in a thread of its own, as they come and go. */
public interface NamespaceFeed extends AutoCloseable {

    /**
     * Begins to tell.
     *
     * @param namespaces takes all that are selected now, name to uid; called from the feed's
     *     thread, first when they are known, then on each change
     * @param failure takes what makes going on impossible, such as a kubeconfig that is not there;
     *     from the feed's thread, once, and nothing comes after it
     */
    void start(Consumer<Map<String, String>> namespaces, Consumer<RuntimeException> failure);

    /** Ends telling and waits for the thread. */
    @Override
    void close();
}
