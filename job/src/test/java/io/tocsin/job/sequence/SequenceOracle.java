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
package io.tocsin.job.sequence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a sequence finds in a history, by brute force: all that came is sorted by time and looked at
 * from the begin, each time anew. Times in seconds.
 */
final class SequenceOracle {

    /** A stage; the reason is what belongs to it. */
    record Stage(String reason, int times, boolean not) {}

    /** One repetition of something. */
    record Element(long time, long version, String reason, int weight) {}

    /** A completed sequence, and when its last stage came. */
    record Found(long time, long last, int weight) {}

    private final List<Stage> stages;
    private final long within;
    private final List<Element> elements = new ArrayList<>();
    private final List<Unseen> unseen;

    /** When nothing was seen; {@code to} is 0 while that lasts. */
    record Unseen(long from, long to) {
        boolean overlaps(long begin, long end) {
            return from < end && (to == 0 || to > begin);
        }
    }

    /**
     * @param unseen grows
     */
    SequenceOracle(List<Stage> stages, long within, List<Unseen> unseen) {
        this.unseen = unseen;
        this.stages = stages;
        this.within = within;
    }

    /** Something happened; only what a sequence needs of many repetitions is of interest. */
    void happened(long time, long version, String reason, int weight) {
        int needed =
                stages.stream()
                        .filter(stage -> stage.reason().equals(reason))
                        .mapToInt(Stage::times)
                        .max()
                        .orElse(0);
        int parts = Math.min(needed, weight);
        for (int i = 0; i < parts; i++) {
            elements.add(new Element(time, version, reason, i == 0 ? weight - parts + 1 : 1));
        }
    }

    /** All that is found when event time has come to a time. */
    List<Found> until(long now) {
        elements.sort(Comparator.comparingLong(Element::time).thenComparingLong(Element::version));
        List<Found> found = new ArrayList<>();
        List<Partial> partials = new ArrayList<>();
        for (int i = 0; i < elements.size() && elements.get(i).time() <= now; i++) {
            Element element = elements.get(i);
            pass(element.time(), partials, found);
            if (mayBegin(element)) {
                partials.add(new Partial(i, element.time()));
            }
            Partial done = null;
            for (Partial partial : List.copyOf(partials)) {
                if (partial.ends(element)) {
                    partials.remove(partial);
                } else if (partial.take(i, element) && partial.isComplete() && done == null) {
                    done = partial;
                }
            }
            if (done != null) {
                found.add(new Found(element.time(), element.time(), done.weight));
                forget(done, partials);
            }
        }
        pass(now, partials, found);
        return found;
    }

    /** What runs out of time is dropped, unless it only waited for that. */
    private void pass(long now, List<Partial> partials, List<Found> found) {
        List<Partial> over = partials.stream().filter(p -> now - p.begin >= within).toList();
        partials.removeAll(over);
        List<Partial> waited = new ArrayList<>(over.stream().filter(Partial::waits).toList());
        while (!waited.isEmpty()) {
            Partial first = waited.remove(0);
            long last = elements.get(first.last).time();
            found.add(new Found(first.begin + within, last, first.weight));
            forget(first, partials);
            forget(first, waited);
        }
    }

    private static void forget(Partial done, List<Partial> partials) {
        partials.removeIf(partial -> partial.first <= done.last);
    }

    private boolean mayBegin(Element element) {
        int first = 0;
        while (stages.get(first).not()) {
            String reason = stages.get(first).reason();
            for (Element each : elements) {
                boolean sooner =
                        each.time() < element.time()
                                || each.time() == element.time()
                                        && each.version() < element.version();
                boolean before = sooner && each.time() >= element.time() - within;
                if (before && each.reason().equals(reason)) {
                    return false;
                }
            }
            first++;
        }
        long begin = element.time() - within;
        if (first > 0 && unseen.stream().anyMatch(u -> u.overlaps(begin, element.time()))) {
            return false;
        }
        return stages.get(first).reason().equals(element.reason());
    }

    private final class Partial {
        private final int first;
        private final long begin;
        private int stage;
        private int count;
        private int last = -1;
        private int weight;

        Partial(int first, long begin) {
            this.first = first;
            this.begin = begin;
            while (stages.get(stage).not()) {
                stage++;
            }
        }

        /** Whether what must not come now comes, or could have come since its last stage. */
        boolean ends(Element element) {
            boolean ends = false;
            for (int i = stage; count == 0 && last >= 0 && i < stages.size(); i++) {
                Stage each = stages.get(i);
                if (!each.not()) {
                    ends |= i > stage && blind(element.time());
                    break;
                }
                ends |= each.reason().equals(element.reason());
            }
            return ends;
        }

        private boolean blind(long now) {
            // What came in the same millisecond leaves no time between.
            long since = elements.get(last).time();
            return since < now && unseen.stream().anyMatch(each -> each.overlaps(since, now));
        }

        boolean take(int index, Element element) {
            int next = stage;
            while (next < stages.size() && stages.get(next).not()) {
                next++;
            }
            if (next == stages.size() || !stages.get(next).reason().equals(element.reason())) {
                return false;
            }
            stage = next;
            last = index;
            weight += element.weight();
            if (++count == stages.get(stage).times()) {
                stage++;
                count = 0;
            }
            return true;
        }

        boolean isComplete() {
            return stage == stages.size();
        }

        boolean waits() {
            return count == 0
                    && last >= 0
                    && stages.subList(stage, stages.size()).stream().allMatch(Stage::not)
                    && !isComplete();
        }
    }
}
