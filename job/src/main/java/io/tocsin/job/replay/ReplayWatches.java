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
package io.tocsin.job.replay;

import io.tocsin.job.replay.LoopbackServer.Answer;
import io.tocsin.job.replay.LoopbackServer.Request;
import io.tocsin.job.replay.ReplayedCluster.Collection;
import io.tocsin.job.replay.ReplayedResource.Change;
import io.tocsin.source.split.ResourceVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Answers watches of a recording, and starts its clock with the first. Safe for many threads. */
final class ReplayWatches {
    private static final int WATCH_BATCH = 200;
    private static final long LOOK_MILLIS = 500;
    private static final long DEFAULT_WATCH_SECONDS = 1800;
    private static final String TOO_OLD = "The resourceVersion for the provided watch is too old.";

    private final ReplayFeed feed;
    private final ReplayClock clock;
    private final Replies replies;

    ReplayWatches(ReplayFeed feed, ReplayClock clock, Replies replies) {
        this.feed = feed;
        this.clock = clock;
        this.replies = replies;
    }

    void answer(Request request, Collection collection, Answer answer)
            throws IOException, InterruptedException {
        String asked = request.query().getOrDefault("resourceVersion", "");
        if (!asked.isEmpty() && !ResourceVersion.isValid(asked)) {
            replies.refuse(
                    answer, 400, "BadRequest", "Invalid value for resourceVersion: " + asked);
            return;
        }
        boolean bookmarks = "true".equals(request.query().get("allowWatchBookmarks"));
        long until =
                clock.machineMillis()
                        + 1000L * request.number("timeoutSeconds", (int) DEFAULT_WATCH_SECONDS);
        ReplayedResource resource = collection.resource();
        List<RecordedObject> present = List.of();
        Long next;
        answer.head(200, replies.date());
        clock.start();
        synchronized (feed.lock()) {
            feed.lock().notifyAll(); // the clock runs
            feed.catchUp();
            if (asked.isEmpty() || asked.equals("0")) {
                present = new ArrayList<>(resource.objects().values());
                next = resource.firstAfter(resource.current());
            } else {
                ResourceVersion from = new ResourceVersion(asked);
                next = resource.isForgotten(from) ? null : resource.firstAfter(from);
            }
        }
        for (RecordedObject object : present) {
            tell(new Change(0, "ADDED", object), collection, bookmarks, answer);
        }
        answer.flush();
        while (next != null && clock.machineMillis() < until) {
            List<Change> changes = await(resource, next, until);
            if (changes == null) {
                next = null;
            } else if (changes.isEmpty()) {
                if (feed.isClosed() || answer.isAbandoned()) {
                    return;
                }
            } else {
                for (Change change : changes) {
                    tell(change, collection, bookmarks, answer);
                }
                next = changes.get(changes.size() - 1).number() + 1;
                answer.flush();
            }
        }
        if (next == null) {
            answer.write(
                    Replies.utf8(
                            "{\"type\":\"ERROR\",\"object\":"
                                    + Replies.status(410, "Expired", TOO_OLD)
                                    + "}\n"));
        }
    }

    /**
     * Empty when none came for a while; null when they were forgotten before they were asked for.
     */
    private List<Change> await(ReplayedResource resource, long next, long until)
            throws InterruptedException {
        long look = Math.min(until, clock.machineMillis() + LOOK_MILLIS);
        synchronized (feed.lock()) {
            List<Change> changes = resource.from(next, WATCH_BATCH);
            while (changes != null && changes.isEmpty() && !feed.isClosed()) {
                long wait = look - clock.machineMillis();
                if (wait <= 0) {
                    break;
                }
                feed.lock().wait(wait);
                changes = resource.from(next, WATCH_BATCH);
            }
            return changes;
        }
    }

    private static void tell(Change change, Collection collection, boolean bookmarks, Answer answer)
            throws IOException {
        boolean bookmark = change.type().equals("BOOKMARK");
        boolean inScope =
                collection.namespace() == null
                        || collection.namespace().equals(change.object().namespace());
        if (bookmark ? bookmarks : inScope) {
            answer.write(Replies.utf8("{\"type\":\"" + change.type() + "\",\"object\":"));
            answer.write(change.object().json());
            answer.write(Replies.utf8("}\n"));
        }
    }
}
