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
import io.tocsin.job.detect.EpisodeOracle.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What the alerts of one place hear, and when: what is listed waits for event time to move on, and
 * what is ahead of event time while something is due before it; and with it all that comes after.
 */
final class PlaceOracle {

    private static final long DAY = 86_400;

    private record Waiting(Message message, Runnable hearing, boolean listed) {}

    private final Collection<EpisodeOracle> alerts;
    private List<Waiting> waiting = new ArrayList<>();

    PlaceOracle(Collection<EpisodeOracle> alerts) {
        this.alerts = alerts;
    }

    /** Something comes; {@code hearing} tells it to those that it concerns. */
    void hear(Message message, Runnable hearing, boolean listed, List<Blind> blind) {
        if (listed || !waiting.isEmpty() || overtakes(message.time(), message.watermark(), blind)) {
            waiting.add(new Waiting(message, hearing, listed));
        } else {
            hearing.run();
        }
    }

    /** Event time passes. */
    void pass(long watermark, List<Blind> blind) {
        boolean list = waiting.stream().anyMatch(Waiting::listed);
        if (list) {
            alerts.forEach(EpisodeOracle::beginList);
        }
        List<Waiting> ordered = new ArrayList<>(waiting);
        ordered.sort(Comparator.comparingLong(each -> each.message().time()));
        List<Waiting> ahead = new ArrayList<>();
        for (Waiting each : ordered) {
            long time = each.message().time();
            settle(Math.min(time, watermark), blind);
            if (!ahead.isEmpty() || overtakes(time, watermark, blind)) {
                ahead.add(each);
            } else {
                each.hearing().run();
            }
        }
        waiting = ahead;
        settle(watermark, blind);
        if (list) {
            alerts.forEach(EpisodeOracle::endList);
        }
    }

    private boolean overtakes(long time, long watermark, List<Blind> blind) {
        boolean unknown = watermark <= Long.MIN_VALUE / 2;
        boolean ahead = unknown || time > watermark && time - DAY <= watermark;
        return ahead && alerts.stream().anyMatch(alert -> alert.next(blind) < time);
    }

    private void settle(long now, List<Blind> blind) {
        alerts.forEach(alert -> alert.settle(now, blind));
    }
}
