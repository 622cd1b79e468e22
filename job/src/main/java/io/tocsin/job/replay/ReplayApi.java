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
import io.tocsin.job.replay.ReplayedResource.Page;
import io.tocsin.source.split.ResourceVersion;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A recording served as a Kubernetes API on loopback: lists in pages, watches, bookmarks, 410 for
 * what is too old, and a Date header. What it holds at a moment is what the recorded cluster held
 * when its clock showed that moment; the clock begins with the first watch.
 *
 * <p>One constant is added to the recorded clock, to each Date and to each time in each object, so
 * that a client finds one consistent present. Clusters of a recording are served side by side, each
 * under an address of its own.
 *
 * <p>Semantics: Kubernetes API concepts, "Efficient detection of changes" and "Retrieving large
 * results sets in chunks". Not served: selectors, discovery, anything that writes.
 *
 * <p>Threads: safe for many; each watch has a thread of its own.
 */
public final class ReplayApi implements AutoCloseable {
    /** Of the past of one resource; a watch that begins before it gets 410. */
    public static final long HISTORY_BYTES = 8 << 20;

    private static final int WATCH_BATCH = 200;
    private static final long LOOK_MILLIS = 500;
    private static final long DEFAULT_WATCH_SECONDS = 1800;
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final String TOO_OLD = "The resourceVersion for the provided watch is too old.";

    private final ReplayClock clock;
    private final long shiftSeconds;
    private final ReplayFeed feed;
    private final LoopbackServer server;

    private ReplayApi(
            RecordingOverview recording, ReplayClock clock, long shiftSeconds, long historyBytes)
            throws IOException {
        this.clock = clock;
        this.shiftSeconds = shiftSeconds;
        this.feed = ReplayFeed.open(recording, clock, shiftSeconds, historyBytes);
        this.server = LoopbackServer.start(this::answer);
    }

    /**
     * Starts to serve a recording. What it listed at first is there at once.
     *
     * @param clock the time within the recording; started by the first watch
     * @param shiftSeconds what is added to every time
     * @param historyBytes how much of each resource's past can still be watched from
     * @throws RecordingException if the recording cannot be read
     * @throws IOException if there is no loopback to listen on
     */
    public static ReplayApi start(
            RecordingOverview recording, ReplayClock clock, long shiftSeconds, long historyBytes)
            throws IOException {
        return new ReplayApi(recording, clock, shiftSeconds, historyBytes);
    }

    /** Names of the clusters, which are also those of the kubeconfig's contexts. */
    public List<String> clusters() {
        return feed.clusters().stream().map(ReplayedCluster::name).toList();
    }

    /** Address of a cluster. */
    public URI uri(String cluster) {
        return URI.create(server.uri() + "/clusters/" + clusters().indexOf(cluster));
    }

    /**
     * Writes a kubeconfig with a context per cluster.
     *
     * @return the file
     */
    public Path writeKubeconfig(Path file) throws IOException {
        StringBuilder yaml = new StringBuilder("apiVersion: v1\nkind: Config\nclusters:\n");
        for (String name : clusters()) {
            yaml.append("- {name: \"" + name + "\", cluster: {server: \"" + uri(name) + "\"}}\n");
        }
        yaml.append("users: [{name: replay, user: {token: none}}]\ncontexts:\n");
        for (String name : clusters()) {
            yaml.append(
                    "- {name: \""
                            + name
                            + "\", context: {cluster: \""
                            + name
                            + "\", user: replay}}\n");
        }
        yaml.append("current-context: \"" + clusters().get(0) + "\"\n");
        return Files.writeString(file, yaml);
    }

    /** What ended the replay before its time, or null. */
    public Exception failure() {
        return feed.failure();
    }

    @Override
    public void close() {
        feed.close();
        server.close();
    }

    // ------------------------------------------------------------------ requests

    private void answer(Request request, Answer answer) throws IOException, InterruptedException {
        String[] path = request.path().split("/", 4);
        ReplayedCluster cluster = path.length < 4 ? null : cluster(path[1], path[2]);
        if (cluster == null) {
            refuse(answer, 404, "NotFound", "the server could not find the requested resource");
            return;
        }
        if (path[3].equals("version")) {
            answer.head(200, date());
            answer.write(
                    utf8("{\"major\":\"0\",\"minor\":\"0\",\"gitVersion\":\"v0.0.0-recording\"}"));
            return;
        }
        Collection collection = cluster.collection(path[3]);
        if (collection == null) {
            refuse(answer, 404, "NotFound", path[3] + " is not in this recording");
        } else if (has(request, "fieldSelector") || has(request, "labelSelector")) {
            refuse(answer, 400, "BadRequest", "a recording is served without selectors");
        } else if (has(request, "watch") && !"false".equals(request.query().get("watch"))) {
            watch(request, collection, answer);
        } else {
            list(request, collection, answer);
        }
    }

    private ReplayedCluster cluster(String word, String index) {
        try {
            return word.equals("clusters") ? feed.clusters().get(Integer.parseInt(index)) : null;
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    // ------------------------------------------------------------------ lists

    private void list(Request request, Collection collection, Answer answer) throws IOException {
        ReplayedResource resource = collection.resource();
        String asked = request.query().getOrDefault("resourceVersion", "");
        boolean continued = has(request, "continue");
        boolean exact =
                "Exact".equals(request.query().get("resourceVersionMatch")) && !asked.isEmpty();
        if (!asked.isEmpty() && !ResourceVersion.isValid(asked)) {
            refuse(answer, 400, "BadRequest", "Invalid value for resourceVersion: " + asked);
            return;
        }
        Page page = null;
        String date;
        boolean future;
        synchronized (feed.lock()) {
            date = date();
            int limit = number(request, "limit", 0);
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
            tooLarge(answer, asked);
        } else if (page == null) {
            refuse(
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
                utf8(
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
                answer.write(utf8(","));
            }
            first = false;
            answer.write(object.json());
        }
        answer.write(utf8("]}\n"));
    }

    // ------------------------------------------------------------------ watches

    private void watch(Request request, Collection collection, Answer answer)
            throws IOException, InterruptedException {
        String asked = request.query().getOrDefault("resourceVersion", "");
        if (!asked.isEmpty() && !ResourceVersion.isValid(asked)) {
            refuse(answer, 400, "BadRequest", "Invalid value for resourceVersion: " + asked);
            return;
        }
        boolean bookmarks = "true".equals(request.query().get("allowWatchBookmarks"));
        long until =
                clock.machineMillis()
                        + 1000L * number(request, "timeoutSeconds", (int) DEFAULT_WATCH_SECONDS);
        ReplayedResource resource = collection.resource();
        List<RecordedObject> present = List.of();
        Long next;
        answer.head(200, date());
        clock.start();
        synchronized (feed.lock()) {
            feed.lock().notifyAll(); // the clock runs
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
                    utf8(
                            "{\"type\":\"ERROR\",\"object\":"
                                    + status(410, "Expired", TOO_OLD)
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
            answer.write(utf8("{\"type\":\"" + change.type() + "\",\"object\":"));
            answer.write(change.object().json());
            answer.write(utf8("}\n"));
        }
    }

    // ------------------------------------------------------------------ words

    private void tooLarge(Answer answer, String version) throws IOException {
        String message = "Too large resource version: " + version;
        answer.head(504, date());
        answer.write(
                utf8(
                        status(504, "Timeout", message)
                                .replaceFirst(
                                        "}$",
                                        ",\"details\":{\"causes\":[{\"reason\":\"ResourceVersionTooLarge\",\"message\":\""
                                                + "Too large resource version\"}],\"retryAfterSeconds\":1}}")));
    }

    private void refuse(Answer answer, int code, String reason, String message) throws IOException {
        answer.head(code, date());
        answer.write(utf8(status(code, reason, message) + "\n"));
    }

    private static String status(int code, String reason, String message) {
        return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                + "\"message\":\""
                + message.replaceAll("[^ -~]|[\"\\\\]", "?")
                + "\",\"reason\":\""
                + reason
                + "\",\"code\":"
                + code
                + "}";
    }

    /** The recorded clock, shifted; whole seconds, cut off, as HTTP has it. */
    private String date() {
        return DATE.format(Instant.ofEpochMilli(clock.nowMillis() + shiftSeconds * 1000));
    }

    private static boolean has(Request request, String parameter) {
        return !request.query().getOrDefault(parameter, "").isEmpty();
    }

    private static int number(Request request, String parameter, int otherwise) {
        try {
            return Integer.parseInt(request.query().getOrDefault(parameter, "" + otherwise));
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
