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
package io.tocsin.source.reader;

import io.tocsin.source.api.ResourceApi;
import io.tocsin.source.split.ResourceSplit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;

/**
 * A split reader with a fetcher that takes all it gets, and keeps what it was told. Fast: waits of
 * milliseconds instead of seconds.
 */
final class ReaderHarness implements AutoCloseable {

    static final long BLIND_AFTER_MILLIS = 500;
    static final long BACKOFF_CAP_MILLIS = 300;

    final List<Element> elements = new CopyOnWriteArrayList<>();
    final List<Notice> notices = new CopyOnWriteArrayList<>();
    final ServerClock clock = DateServerClock.ofProcess();
    private final ResourceSplitReader reader;
    private final Thread fetcher = new Thread(this::fetch, "fetcher");
    private volatile boolean ending;
    private volatile Throwable failure;

    ReaderHarness(Function<ResourceSplit, ResourceApi> apis) {
        // A quiet time beyond the test's: what it scripts is told once.
        reader =
                new ResourceSplitReader(
                        impatient(600_000).build(),
                        apis,
                        clock,
                        notices::add,
                        new EventTimeProgress(),
                        1_000,
                        8 << 20);
    }

    /** Those of tests: impatient. */
    static ListWatchSettings settings() {
        return impatient(500).build();
    }

    /** Those of tests, to change. */
    static ListWatchSettings.Builder impatient(long quietMillis) {
        return ListWatchSettings.builder()
                .pageSize(2)
                .backoffBaseMillis(20)
                .backoffCapMillis(BACKOFF_CAP_MILLIS)
                .quietStepMillis(quietMillis)
                .quietMinMillis(quietMillis)
                .quietMaxMillis(quietMillis)
                .watchTimeoutMillis(60_000)
                .blindAfterMillis(BLIND_AFTER_MILLIS);
    }

    ReaderHarness start(ResourceSplit split) {
        reader.handleSplitsChanges(new SplitsAddition<>(List.of(split)));
        fetcher.start();
        return this;
    }

    private void fetch() {
        try {
            while (!ending) {
                RecordsWithSplitIds<Element> records = reader.fetch();
                while (records.nextSplit() != null) {
                    for (Element each = records.nextRecordFromSplit();
                            each != null;
                            each = records.nextRecordFromSplit()) {
                        elements.add(each);
                    }
                }
            }
        } catch (Exception e) {
            failure = e;
        }
    }

    /** What ended the fetcher; null while it runs. */
    Throwable failure() {
        return failure;
    }

    <T extends Element> List<T> of(Class<T> type) {
        return elements.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Names and versions of the objects so far, in order. */
    List<String> objects() {
        return of(Element.Changed.class).stream()
                .map(each -> each.object().name() + "@" + each.object().resourceVersion())
                .toList();
    }

    @Override
    public void close() {
        ending = true;
        reader.wakeUp();
        try {
            fetcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            reader.close();
        }
    }
}
