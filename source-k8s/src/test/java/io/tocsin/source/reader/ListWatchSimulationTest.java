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

import static org.assertj.core.api.Assertions.assertThat;

import io.tocsin.source.Startup;
import io.tocsin.source.api.ResourceApi.Handler;
import io.tocsin.source.api.Signal;
import io.tocsin.source.split.Position;
import io.tocsin.testing.Simulation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The policy against a model API server, with writes, compactions, broken connections, expired
 * tokens, and crashes that restore the last checkpoint. Shows: the latest version of each object is
 * emitted, and no version twice in what a restored job has emitted.
 */
class ListWatchSimulationTest {

    private static final String[] NAMESPACES = {"a", "a-b", "a.b", "b"};

    @Test
    void losesAndRepeatsNothingWhateverHappens() {
        Simulation.run("list-watch", 2_000, (random, seed) -> new Run(random).run());
    }

    /** One life of a split with all its restarts. */
    private static final class Run implements Handler {

        private final Random random;
        private final ModelApiServer server;
        private final ListWatchSettings settings;
        private final ArrayDeque<Element> queue = new ArrayDeque<>();
        private ListWatch policy;
        private Position emitted = Position.initial();
        private List<String> timeline = new ArrayList<>();
        private Position checkpoint = Position.initial();
        private List<String> checkpointTimeline = List.of();
        private long elapsed;
        private boolean calm;
        private boolean openList;

        Run(Random random) {
            this.random = random;
            this.server = new ModelApiServer(random);
            ListWatchSettings d = ListWatchSettings.defaults();
            this.settings =
                    new ListWatchSettings(
                            Startup.EARLIEST,
                            false,
                            1 + random.nextInt(7),
                            d.backoffBaseMillis(),
                            d.backoffCapMillis(),
                            d.quietStepMillis(),
                            d.quietMinMillis(),
                            d.quietMaxMillis(),
                            d.watchTimeoutMillis(),
                            d.blindAfterMillis(),
                            d.pageBufferBytes());
            this.policy = new ListWatch(settings, emitted);
        }

        void run() throws InterruptedException {
            for (int i = random.nextInt(40); i > 0; i--) {
                write();
            }
            for (int i = 0; i < 60; i++) {
                call();
                if (random.nextInt(8) == 0) {
                    crash();
                }
            }
            calm = true;
            for (int i = 0; i < 400 && !isComplete(); i++) {
                call();
                drain(Integer.MAX_VALUE);
            }
            assertThat(timeline).doesNotHaveDuplicates();
            assertThat(missing()).as("never emitted").isEmpty();
            assertThat(openList).as("a list without an end").isFalse();
        }

        private boolean isComplete() {
            return missing().isEmpty() && !openList && queue.isEmpty();
        }

        private Set<String> missing() {
            Set<String> missing = new HashSet<>();
            for (Map.Entry<String, Long> object : server.latest().entrySet()) {
                missing.add(id(emitted.epoch(), object.getKey(), "" + object.getValue()));
            }
            timeline.forEach(missing::remove);
            return missing;
        }

        private static String id(int epoch, String key, String version) {
            return epoch + ":" + key + "@" + version;
        }

        private void call() throws InterruptedException {
            List<Action> actions = new ArrayList<>();
            Call call = policy.next(moment(), actions);
            execute(actions);
            if (call instanceof Call.Wait wait) {
                elapsed += wait.millis();
                meanwhile();
            } else if (call instanceof Call.Probe probe) {
                server.probe(probe.version(), this);
            } else if (call instanceof Call.Look look) {
                server.look(look, this);
            } else if (call instanceof Call.List list) {
                server.list(list, this, this::meanwhile);
            } else if (call instanceof Call.Watch watch) {
                if (server.watch(watch.version(), this, this::meanwhile)) {
                    actions.clear();
                    policy.quiet(moment(), actions);
                    execute(actions);
                }
            }
        }

        /** What happens beside the calls. */
        private void meanwhile() {
            server.nowMillis += 1 + random.nextInt(3_000);
            elapsed += 10;
            drain(random.nextInt(5));
            if (random.nextInt(6) == 0) {
                checkpoint = emitted;
                checkpointTimeline = List.copyOf(timeline);
            }
            if (calm) {
                return;
            }
            if (random.nextInt(3) == 0) {
                write();
            }
            if (random.nextInt(25) == 0) {
                server.compact();
            }
        }

        private void write() {
            String namespace = NAMESPACES[random.nextInt(NAMESPACES.length)];
            server.write(
                    namespace + "/" + (char) ('a' + random.nextInt(8)), random.nextInt(6) == 0);
        }

        private void crash() {
            queue.clear();
            emitted = checkpoint;
            timeline = new ArrayList<>(checkpointTimeline);
            openList = emitted.listOpen();
            policy = new ListWatch(settings, emitted);
        }

        private void drain(int most) {
            for (int i = 0; i < most && !queue.isEmpty(); i++) {
                Element element = queue.poll();
                if (element instanceof Element.Changed changed && !changed.deleted()) {
                    String key =
                            Position.key(changed.object().namespace(), changed.object().name());
                    timeline.add(
                            id(element.next().epoch(), key, changed.object().resourceVersion()));
                    openList |= element.next().listOpen();
                } else if (element instanceof Element.Listed listed) {
                    assertThat(listed.announce() || !openList).as("the end is told").isTrue();
                    openList = false;
                }
                emitted = element.next();
            }
        }

        private void execute(List<Action> actions) {
            for (Action action : actions) {
                if (action instanceof Action.Emit emit) {
                    queue.add(emit.element());
                } else if (action instanceof Action.Fail fail) {
                    throw new AssertionError(fail.message());
                }
            }
        }

        private Moment moment() {
            return new Moment(elapsed, server.nowMillis, random.nextDouble());
        }

        @Override
        public boolean wants(String namespace, String name, String resourceVersion) {
            return policy.wants(namespace, name, resourceVersion);
        }

        @Override
        public void on(Signal signal) {
            List<Action> actions = new ArrayList<>();
            policy.on(signal, moment(), actions);
            execute(actions);
        }
    }
}
