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
package io.tocsin.source.scenario;

import io.tocsin.testing.KubeControlPlane;
import io.tocsin.testing.fault.FaultProxy;
import io.tocsin.testing.fault.LineEdit;
import io.tocsin.testing.fault.Request;
import io.tocsin.testing.fault.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Does harm to a source by chance: to its network, to what it is answered, and to its servers, one
 * thing after the other. Every kind has its turn before one comes a second time.
 *
 * <p>Threads: one, which must be the only one to start and stop servers.
 */
final class FaultMix {

    /** What can go wrong. */
    enum Kind {
        /** Cut off until history is compacted: the server tells in mid-stream that it expired. */
        COMPACTED,
        CUT,
        RESET_IN_LINE,
        CLOSED_IN_LINE,
        HALF_OPEN,
        WATCH_410,
        LIST_410,
        IN_STREAM_410,
        IN_STREAM_500,
        THROTTLED_429,
        ANSWER_5XX,
        INSTANT_CLOSE,
        SPLIT_LINES,
        MALFORMED_LINE,
        API_SERVER_KILLED,
        API_SERVER_TERMINATED,
        ETCD_PAUSED
    }

    private static final Predicate<Request> WATCH = Request.watch("events");
    private static final Predicate<Request> LIST = Request.list("events");
    private static final Duration HAPPENS_WITHIN = Duration.ofSeconds(5);

    private final Stage stage;
    private final Random random;
    private final List<Kind> deck = new ArrayList<>();
    private final Map<Kind, Integer> happened = new EnumMap<>(Kind.class);
    private final long endNanos;

    /**
     * @param random the only source of chance
     * @param end how long from now faults may begin
     */
    FaultMix(Stage stage, Random random, Duration end) {
        this.stage = stage;
        this.random = random;
        endNanos = System.nanoTime() + end.toNanos();
    }

    /** Goes on until its time is over; then everything is well. */
    Map<Kind, Integer> run() {
        while (System.nanoTime() < endNanos) {
            if (deck.isEmpty()) {
                deck.addAll(List.of(Kind.values()));
                Collections.shuffle(deck, random);
            }
            // Drawn whether it is needed or not, so that a seed leads to the same cards.
            Random details = new Random(random.nextLong());
            Kind kind = deck.remove(0);
            if (happens(kind, details)) {
                happened.merge(kind, 1, Integer::sum);
            }
            pause(details.nextInt(1_000));
        }
        return happened;
    }

    /** Has one kind before all others. */
    FaultMix first(Kind kind) {
        deck.add(kind);
        return this;
    }

    private boolean happens(Kind kind, Random details) {
        KubeControlPlane plane = stage.plane();
        FaultProxy proxy = stage.proxy();
        int some = 1 + details.nextInt(3);
        switch (kind) {
            case COMPACTED -> {
                proxy.cut();
                stage.compact();
                proxy.mend();
                return true;
            }
            case CUT -> {
                proxy.cut();
                pause(details.nextInt(2_000));
                proxy.mend();
                return true;
            }
            case HALF_OPEN -> {
                proxy.freeze();
                // Longer than a watch lasts and is waited for, if there is time.
                pause(Math.min(500 + details.nextInt(16_000), millisLeft()));
                proxy.thaw();
                return true;
            }
            case API_SERVER_KILLED -> {
                plane.apiServer().kill();
                plane.apiServer().start();
                return true;
            }
            case API_SERVER_TERMINATED -> {
                plane.apiServer().stop(Duration.ofSeconds(details.nextInt(4)));
                plane.apiServer().start();
                return true;
            }
            case ETCD_PAUSED -> {
                plane.etcd().pause();
                pause(500 + details.nextInt(2_500));
                plane.etcd().resume();
                return true;
            }
            default -> {
                return scripted(rule(kind, some, details));
            }
        }
    }

    private static Rule rule(Kind kind, int some, Random details) {
        return switch (kind) {
            case RESET_IN_LINE ->
                    Rule.on(WATCH).first(1).line(some, LineEdit.resetAfter(details.nextInt(900)));
            case CLOSED_IN_LINE ->
                    Rule.on(WATCH).first(1).line(some, LineEdit.closeAfter(details.nextInt(900)));
            case WATCH_410 -> Rule.on(WATCH).first(1).answer(410, status(410, "Expired"));
            case LIST_410 ->
                    Rule.on(Request.continuedList("events"))
                            .first(1)
                            .answer(410, status(410, "Expired"));
            case IN_STREAM_410 -> inStream(410, "Expired", some);
            case IN_STREAM_500 -> inStream(500, "InternalError", some);
            case THROTTLED_429 ->
                    Rule.on(WATCH.or(LIST))
                            .first(some)
                            .answer(429, status(429, "TooManyRequests"))
                            .header("Retry-After", "1");
            case ANSWER_5XX -> {
                int code = 500 + details.nextInt(5);
                yield Rule.on(WATCH.or(LIST)).first(some).answer(code, status(code, "Failure"));
            }
            case INSTANT_CLOSE -> Rule.on(WATCH).first(some).answer(200, "");
            case SPLIT_LINES -> Rule.on(WATCH).first(1).piecesOf(1 + details.nextInt(20));
            case MALFORMED_LINE ->
                    Rule.on(WATCH)
                            .first(1)
                            .line(some, LineEdit.insert("{\"type\":\"ADDED\",\"object\":{\"meta"));
            default -> throw new IllegalArgumentException(kind + " is not done by rules");
        };
    }

    private static Rule inStream(int code, String reason, int line) {
        return Rule.on(WATCH)
                .first(1)
                .line(
                        line,
                        LineEdit.insert(
                                "{\"type\":\"ERROR\",\"object\":" + status(code, reason) + "}"))
                .line(line, LineEdit.end());
    }

    private static String status(int code, String reason) {
        return """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"by chance",\
        "reason":"%s","code":%d}"""
                .formatted(reason, code);
    }

    /** Lets a rule do its harm, if its turn comes soon. */
    private boolean scripted(Rule rule) {
        FaultProxy proxy = stage.proxy();
        proxy.script(rule);
        // What is open was not opened under the rule.
        proxy.cut();
        proxy.mend();
        boolean happened = await(() -> rule.missing().isEmpty());
        proxy.pass();
        return happened;
    }

    private static boolean await(BooleanSupplier condition) {
        long end = System.nanoTime() + HAPPENS_WITHIN.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            pause(10);
        }
        return true;
    }

    private long millisLeft() {
        return Math.max(500, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
    }

    private static void pause(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
