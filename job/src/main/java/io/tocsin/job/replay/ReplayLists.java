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
import io.tocsin.job.replay.ReplayedResource.Page;
import io.tocsin.source.split.ResourceVersion;
import java.io.IOException;

/** Answers lists of a recording, in pages and at a version. Safe for many threads. */
final class ReplayLists {
    private final ReplayFeed feed;
    private final Replies replies;

    ReplayLists(ReplayFeed feed, Replies replies) {
        this.feed = feed;
        this.replies = replies;
    }

    void answer(Request request, Collection collection, Answer answer)
            throws IOException, InterruptedException {
        ReplayedResource resource = collection.resource();
        String asked = request.query().getOrDefault("resourceVersion", "");
        boolean continued = request.has("continue");
        boolean exact =
                "Exact".equals(request.query().get("resourceVersionMatch")) && !asked.isEmpty();
        if (!asked.isEmpty() && !ResourceVersion.isValid(asked)) {
            replies.refuse(
                    answer, 400, "BadRequest", "Invalid value for resourceVersion: " + asked);
            return;
        }
        Page page = null;
        String date;
        boolean future;
        synchronized (feed.lock()) {
            date = replies.date();
            feed.catchUp();
            int limit = request.number("limit", 0);
            future = !asked.isEmpty() && new ResourceVersion(asked).isAfter(resource.current());
            if (continued) {
                page = continued(request.query().get("continue"), collection, limit);
            } else if (!future) {
                page =
                        resource.page(
                                exact ? new ResourceVersion(asked) : null,
                                collection.namespace(),
                                limit);
            }
        }
        if (page == null && future) {
            replies.tooLarge(answer, asked);
        } else if (page == null) {
            replies.refuse(
                    answer,
                    410,
                    "Expired",
                    "The provided continue parameter or resourceVersion is too old.");
        } else {
            write(page, collection, date, answer);
        }
    }

    private static Page continued(String token, Collection collection, int limit) {
        String[] parts = token.split("-", 2);
        if (parts.length != 2 || !ResourceVersion.isValid(parts[0])) {
            return null;
        }
        try {
            return collection
                    .resource()
                    .page(
                            new ResourceVersion(parts[0]),
                            collection.namespace(),
                            Integer.parseInt(parts[1]),
                            limit);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static void write(Page page, Collection collection, String date, Answer answer)
            throws IOException {
        answer.head(200, date);
        answer.write(
                Replies.utf8(
                        "{\"kind\":\""
                                + collection.listKind()
                                + "\",\"apiVersion\":\""
                                + collection.apiVersion()
                                + "\",\"metadata\":{\"resourceVersion\":\""
                                + page.version()
                                + "\""
                                + (page.remaining() == 0
                                        ? ""
                                        : ",\"continue\":\""
                                                + page.version()
                                                + "-"
                                                + page.next()
                                                + "\",\"remainingItemCount\":"
                                                + page.remaining())
                                + "},\"items\":["));
        boolean first = true;
        for (RecordedObject object : page.items()) {
            if (!first) {
                answer.write(Replies.utf8(","));
            }
            first = false;
            answer.write(object.json());
        }
        answer.write(Replies.utf8("]}\n"));
    }
}
