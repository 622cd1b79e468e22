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
package io.tocsin.job.detect;

import io.tocsin.job.detect.EpisodeOracle.Blind;
import io.tocsin.job.detect.EpisodeOracle.Heard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What the rules of one place hear, and when: what is listed waits for event time to move on, and
 * what is ahead of event time while something is due before it; and with it all that comes after.
 */
final class PlaceOracle {

    private static final long DAY = 86_400;

    private record Message(
            Map<String, Heard> heard, long time, int weight, long watermark, boolean listed) {}

    private final Map<String, EpisodeOracle> rules;
    private List<Message> waiting = new ArrayList<>();

    PlaceOracle(Map<String, EpisodeOracle> rules) {
        this.rules = rules;
    }

    /** Something comes; {@code heard} says what it is to which rule. */
    void hear(
            Map<String, Heard> heard,
            long time,
            int weight,
            long watermark,
            boolean listed,
            List<Blind> blind) {
        Message message = new Message(heard, time, weight, watermark, listed);
        if (listed || !waiting.isEmpty() || overtakes(time, watermark, blind)) {
            waiting.add(message);
        } else {
            take(message);
        }
    }

    /** Event time passes. */
    void pass(long watermark, List<Blind> blind) {
        boolean list = waiting.stream().anyMatch(Message::listed);
        if (list) {
            rules.values().forEach(EpisodeOracle::beginList);
        }
        List<Message> ordered = new ArrayList<>(waiting);
        ordered.sort(Comparator.comparingLong(Message::time));
        List<Message> ahead = new ArrayList<>();
        for (Message message : ordered) {
            settle(Math.min(message.time(), watermark), blind);
            if (!ahead.isEmpty() || overtakes(message.time(), watermark, blind)) {
                ahead.add(message);
            } else {
                take(message);
            }
        }
        waiting = ahead;
        settle(watermark, blind);
        if (list) {
            rules.values().forEach(EpisodeOracle::endList);
        }
    }

    private boolean overtakes(long time, long watermark, List<Blind> blind) {
        boolean unknown = watermark <= Long.MIN_VALUE / 2;
        boolean ahead = unknown || time > watermark && time - DAY <= watermark;
        return ahead && rules.values().stream().anyMatch(rule -> rule.next(blind) < time);
    }

    private void settle(long now, List<Blind> blind) {
        rules.values().forEach(rule -> rule.settle(now, blind));
    }

    private void take(Message message) {
        message.heard()
                .forEach(
                        (rule, heard) ->
                                rules.get(rule)
                                        .take(
                                                heard,
                                                message.time(),
                                                message.weight(),
                                                message.watermark()));
    }
}
