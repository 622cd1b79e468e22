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

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A handler that keeps what it is told. */
final class Signals implements ResourceApi.Handler {

    final List<Signal> all = new CopyOnWriteArrayList<>();
    private final Predicate<String> wanted;

    Signals() {
        this(version -> true);
    }

    Signals(Predicate<String> wanted) {
        this.wanted = wanted;
    }

    @Override
    public boolean wants(String namespace, String name, String resourceVersion) {
        return wanted.test(resourceVersion);
    }

    @Override
    public void on(Signal signal) {
        all.add(signal);
    }

    Signal last() {
        return all.get(all.size() - 1);
    }

    <T extends Signal> List<T> of(Class<T> type) {
        return all.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
