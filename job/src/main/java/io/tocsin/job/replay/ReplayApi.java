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
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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

    private final ReplayFeed feed;
    private final Replies replies;
    private final ReplayLists lists;
    private final ReplayWatches watches;
    private final LoopbackServer server;

    private ReplayApi(
            RecordingOverview recording, ReplayClock clock, long shiftSeconds, long historyBytes)
            throws IOException {
        this.feed = ReplayFeed.open(recording, clock, shiftSeconds, historyBytes);
        this.replies = new Replies(clock, shiftSeconds);
        this.lists = new ReplayLists(feed, replies);
        this.watches = new ReplayWatches(feed, clock, replies);
        this.server = LoopbackServer.start(this::answer);
    }

    /**
     * Starts to serve a recording. What it listed at first is there at once.
     *
     * @param clock the time within the recording; started by the first watch
     * @param shiftSeconds what is added to every time
     * @param historyBytes how much of each resource's past can still be watched from
     * @throws RecordingException if the recording cannot be read
     * @throws java.net.ConnectException if this machine's loopback is down
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

    private void answer(Request request, Answer answer) throws IOException, InterruptedException {
        String[] path = request.path().split("/", 4);
        ReplayedCluster cluster = path.length < 4 ? null : cluster(path[1], path[2]);
        if (cluster == null) {
            replies.refuse(
                    answer, 404, "NotFound", "the server could not find the requested resource");
            return;
        }
        if (path[3].equals("version")) {
            answer.head(200, replies.date());
            answer.write(
                    Replies.utf8(
                            "{\"major\":\"0\",\"minor\":\"0\",\"gitVersion\":\"v0.0.0-recording\"}"));
            return;
        }
        Collection collection = cluster.collection(path[3]);
        if (collection == null) {
            replies.refuse(answer, 404, "NotFound", path[3] + " is not in this recording");
        } else if (request.has("fieldSelector") || request.has("labelSelector")) {
            replies.refuse(answer, 400, "BadRequest", "a recording is served without selectors");
        } else if (request.has("watch") && !"false".equals(request.query().get("watch"))) {
            watches.answer(request, collection, answer);
        } else {
            lists.answer(request, collection, answer);
        }
    }

    private ReplayedCluster cluster(String word, String index) {
        try {
            return word.equals("clusters") ? feed.clusters().get(Integer.parseInt(index)) : null;
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return null;
        }
    }
}
