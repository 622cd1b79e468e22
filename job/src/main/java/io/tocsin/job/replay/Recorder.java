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

import io.tocsin.source.api.ResourceApi;
import io.tocsin.source.api.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records one resource of one cluster: lists, then watches, for ever. A broken watch is opened
 * again where it ended; after a 410 the resource is listed again and what is new is recorded,
 * marked as listed. A watch that is of no use (it ends at once and told nothing) is followed by a
 * growing pause, and every second one by a list. Runs in a thread of its own until it is closed.
 */
public final class Recorder implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
    private static final int PAGE = 500;
    private static final Duration WATCH = Duration.ofMinutes(5);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final long USEFUL_NANOS = Duration.ofSeconds(2).toNanos();
    private static final int FUTILE_WATCHES_BEFORE_LIST = 2;

    private final ResourceApi api;
    private final Recording.Writer recording;
    private final String cluster;
    private final String resource;

    /** Newest recorded version per object, so that a relist records only what is new. */
    private final Map<String, String> recorded = new HashMap<>();

    /** What the list under way holds: the rest was deleted unseen. */
    private final Set<String> listed = new HashSet<>();

    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private volatile boolean closed;
    private String version;
    private String token;
    private boolean listing;
    private boolean trouble;
    private int troubles;
    private int futile;
    private boolean readAgain;
    private String triedAt;
    private boolean expired;

    /**
     * @param cluster name to write into each line, or null
     */
    public Recorder(ResourceApi api, Recording.Writer recording, String cluster, String resource) {
        this.api = api;
        this.recording = recording;
        this.cluster = cluster;
        this.resource = resource;
    }

    /** What ended it, or null: a recording that cannot be written. */
    public Exception failure() {
        return failure.get();
    }

    @Override
    public void run() {
        try {
            while (!closed) {
                trouble = false;
                if (version == null) {
                    list();
                } else {
                    watch();
                }
                recording.flush();
                if (trouble && !closed) {
                    pause();
                } else {
                    troubles = 0;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | UncheckedIOException e) {
            failure.set(e);
        }
    }

    /** Ends the recording of this resource. */
    @Override
    public void close() {
        closed = true;
        api.cancel();
        api.close();
    }

    private void watch() throws InterruptedException {
        expired = false;
        listing = false;
        readAgain = false;
        String before = version;
        long begin = System.nanoTime();
        api.watch(version, WATCH, handler());
        boolean useful =
                !version.equals(before) || !expired && System.nanoTime() - begin >= USEFUL_NANOS;
        futile = useful ? 0 : futile + 1;
        trouble |= futile > 0 || readAgain;
        if (expired) {
            LOG.warn("The position in {} expired; listing again", resource);
            version = null;
        } else if (futile > 0 && futile % FUTILE_WATCHES_BEFORE_LIST == 0) {
            LOG.warn("Watches of {} end at once; listing again", resource);
            version = null;
        }
    }

    private void list() throws InterruptedException {
        listing = true;
        readAgain = false;
        token = null;
        listed.clear();
        String[] end = new String[1];
        do {
            String page = token;
            token = null;
            expired = false;
            api.list(
                    PAGE,
                    page,
                    null,
                    handler(
                            told -> {
                                end[0] = told.resourceVersion();
                                token = told.continueToken();
                            }));
            if (trouble || expired) {
                return; // once more from the first page
            }
        } while (token != null && !closed);
        if (!closed) {
            version = end[0];
            recorded.keySet().retainAll(listed);
            LOG.info("Recording {} from version {}", resource, version);
        }
    }

    private ResourceApi.Handler handler() {
        return handler(page -> {});
    }

    private ResourceApi.Handler handler(java.util.function.Consumer<Signal.Page> pages) {
        return new ResourceApi.Handler() {
            @Override
            public boolean wants(String namespace, String name, String resourceVersion) {
                String key = namespace + "/" + name;
                if (listing) {
                    listed.add(key);
                }
                return !resourceVersion.equals(recorded.get(key));
            }

            @Override
            public void on(Signal signal) {
                take(signal, pages);
            }
        };
    }

    private void take(Signal signal, java.util.function.Consumer<Signal.Page> pages) {
        if (readAgain) {
            return; // the rest of a watch that is read again
        }
        if (signal instanceof Signal.Upserted upserted) {
            var object = upserted.object();
            String known =
                    recorded.put(
                            object.namespace() + "/" + object.name(), object.resourceVersion());
            write(known == null || listing ? "ADDED" : "MODIFIED", object.json());
            advance(object.resourceVersion());
        } else if (signal instanceof Signal.Deleted deleted) {
            recorded.remove(deleted.object().namespace() + "/" + deleted.object().name());
            write("DELETED", deleted.object().json());
            advance(deleted.object().resourceVersion());
        } else if (signal instanceof Signal.Bookmark bookmark) {
            advance(bookmark.resourceVersion());
        } else if (signal instanceof Signal.Page page) {
            pages.accept(page);
        } else if (signal instanceof Signal.Expired) {
            expired = true;
        } else if (signal instanceof Signal.Closed ended) {
            trouble |= ended.cause() == Signal.Closed.Cause.BROKEN;
            if (trouble) {
                LOG.warn("Lost contact while recording {}: {}", resource, ended.message());
            }
        } else if (signal instanceof Signal.Refused refused) {
            trouble = true;
            if (refused.status() == 401) {
                api.reloadCredentials();
            }
            expired |= refused.resourceVersionTooLarge();
            LOG.warn(
                    "The server refused {} (HTTP {}): {}",
                    resource,
                    refused.status(),
                    refused.message());
        } else if (signal instanceof Signal.Malformed malformed) {
            malformed(malformed);
        }
    }

    /** A line may have been cut on its way: it gets a second chance before it is passed over. */
    private void malformed(Signal.Malformed line) {
        if (!listing && !version.equals(triedAt)) {
            triedAt = version;
            readAgain = true;
            api.cancel();
        } else {
            LOG.warn("A line of {} is not recorded: {}", resource, line.reason());
        }
    }

    private void advance(String resourceVersion) {
        if (!listing) {
            version = resourceVersion;
        }
    }

    private void write(String type, byte[] object) {
        try {
            recording.write(
                    new Recording.Entry(Instant.now(), cluster, resource, listing, type, object));
            if (!listing) {
                recording.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pause() throws InterruptedException {
        long millis =
                Math.min(
                        LONGEST_WAIT.toMillis(),
                        200L << Math.min(Math.max(troubles++, futile), 10));
        long end = System.nanoTime() + millis * 1_000_000;
        synchronized (this) {
            while (!closed && System.nanoTime() < end) {
                wait(Math.max(1, Math.min(100, millis)));
            }
        }
    }
}
