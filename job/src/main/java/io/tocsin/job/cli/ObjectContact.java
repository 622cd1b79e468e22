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

import io.tocsin.job.config.PipelineConfig.Cluster;
import io.tocsin.job.model.WatchedKind;
import io.tocsin.job.pipeline.LiveClusters;
import io.tocsin.source.api.ClusterAccess;
import io.tocsin.source.api.Fabric8ClusterContact;
import io.tocsin.source.api.Refusal;
import io.tocsin.source.api.Refusal.Cause;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tries whether what rules watch besides events can be watched in a cluster, and says what is wrong
 * with what cannot. Whatever comes of it, events are watched: nothing here ends a run. Namespaces
 * that labels select are known to the run only, so nothing is tried in them.
 *
 * <p>Threads: {@link #attempt} runs in one, {@link #refusals} may be asked in another meanwhile.
 */
final class ObjectContact {
    private static final int ATTEMPTS = 2;

    private record Watch(String resource, String scope) {}

    private final Cluster cluster;
    private final List<Watch> watches = new ArrayList<>();
    private final Map<Watch, Optional<Refusal>> answers = new ConcurrentHashMap<>();
    private final CountDownLatch done = new CountDownLatch(1);

    /**
     * @param resources plural names, such as {@code pods}
     */
    ObjectContact(Cluster cluster, Collection<String> resources) {
        this.cluster = cluster;
        for (String resource : resources) {
            for (String scope : cluster.scopedFor(resource).namespaces()) {
                watches.add(new Watch(resource, scope));
            }
        }
    }

    /**
     * Tries each watch, and those that a server's trouble kept from answering once more.
     *
     * @param pauseMillis before those are tried again
     */
    void attempt(StopSignal stop, long pauseMillis) throws InterruptedException {
        try {
            ClusterAccess access = LiveClusters.access(cluster);
            List<Watch> open = watches;
            for (int i = 0; i < ATTEMPTS && !open.isEmpty(); i++) {
                if (i > 0 && stop.await(pauseMillis)) {
                    return;
                }
                for (Watch watch : open) {
                    answers.put(watch, Optional.ofNullable(attempt(access, watch)));
                }
                open = open.stream().filter(this::isInTrouble).toList();
            }
        } finally {
            done.countDown();
        }
    }

    /**
     * What cannot be watched; what has not been answered when time is over counts as trouble.
     *
     * @param waitMillis how long to wait for all answers
     */
    List<Refusal> refusals(long waitMillis) throws InterruptedException {
        done.await(waitMillis, TimeUnit.MILLISECONDS);
        return watches.stream()
                .flatMap(
                        watch ->
                                answers
                                        .getOrDefault(
                                                watch, Optional.of(trouble(watch, "no answer yet")))
                                        .stream())
                .toList();
    }

    /** What somebody may do about it. */
    static String text(Refusal refusal) {
        String resource = refusal.resource();
        String group = WatchedKind.groupOf(resource);
        String named = group.isEmpty() ? resource : resource + "." + group;
        String rules = "Rules with state: " + resource + " see nothing there";
        String others = "; the others go on. ";
        return switch (refusal.cause()) {
            case FORBIDDEN ->
                    "forbidden: "
                            + refusal.message()
                            + ". "
                            + rules
                            + others
                            + "Grant list and watch on "
                            + named
                            + " by a "
                            + (refusal.scope().equals("*")
                                    ? "ClusterRole"
                                    : "Role in namespace " + refusal.scope())
                            + ", or leave those rules out.";
            case UNAUTHORIZED ->
                    "unauthorized to watch "
                            + named
                            + ": "
                            + refusal.message()
                            + ". "
                            + rules
                            + " until the credentials are accepted again"
                            + others
                            + "Tocsin reads them anew, and tries on.";
            case NOT_SERVED ->
                    "not served: "
                            + refusal.message()
                            + ". "
                            + rules
                            + others
                            + "Make the API server, or what stands before it, serve "
                            + named
                            + ", or leave those rules out.";
            case TROUBLE ->
                    "cannot watch "
                            + named
                            + " yet: "
                            + refusal.message()
                            + ". "
                            + rules
                            + " until the server answers"
                            + others
                            + "Tocsin tries on.";
        };
    }

    private boolean isInTrouble(Watch watch) {
        return answers.get(watch).filter(each -> each.cause() == Cause.TROUBLE).isPresent();
    }

    private static Refusal attempt(ClusterAccess access, Watch watch) throws InterruptedException {
        try {
            return Fabric8ClusterContact.refusal(access, watch.resource(), watch.scope());
        } catch (RuntimeException e) {
            return trouble(watch, e.toString());
        }
    }

    private static Refusal trouble(Watch watch, String message) {
        return new Refusal(watch.resource(), watch.scope(), Cause.TROUBLE, message);
    }
}
