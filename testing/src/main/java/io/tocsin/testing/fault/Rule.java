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
package io.tocsin.testing.fault;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * To which requests a {@link FaultProxy} does what.
 *
 * <pre>{@code
 * Rule.on(Request.watch("events")).nth(2).skewDate(Duration.ofHours(-2)).line(3, LineEdit.resetAfter(40))
 * }</pre>
 *
 * <p>Without {@code nth}, {@code first} or {@code from} it holds for every request that it matches.
 * Complete when given to the proxy; counts are the rule's own, so it serves one proxy. Built by one
 * thread; afterwards threads may share it.
 */
public final class Rule {

    private final Predicate<Request> requests;
    private final Set<Fault> planned = EnumSet.noneOf(Fault.class);
    private final Set<Fault> done = ConcurrentHashMap.newKeySet();
    private final List<At> edits = new ArrayList<>();
    private final Map<String, String> headers = new LinkedHashMap<>();
    private String choice = "every";
    private int from = 1;
    private int to = Integer.MAX_VALUE;
    private int matched;
    private Fault instead;
    private int status;
    private byte[] body;
    private Duration delay = Duration.ZERO;
    private Duration skew;
    private Runnable meanwhile;
    private int pieces;
    private int bytesPerSecond;

    private Rule(Predicate<Request> requests) {
        this.requests = requests;
    }

    /** A rule for these requests, at first without effect. */
    public static Rule on(Predicate<Request> requests) {
        return new Rule(requests);
    }

    /** Only the n-th of the requests, from 1. */
    public Rule nth(int n) {
        return between(n, n, "request " + n);
    }

    /** Only the first so many of the requests. */
    public Rule first(int times) {
        return between(1, times, "the first " + times);
    }

    /** The n-th of the requests, from 1, and all later ones. */
    public Rule from(int n) {
        return between(n, Integer.MAX_VALUE, "from " + n + " on");
    }

    /** Answers in the server's place. Lines and pieces hold for this body, too. */
    public Rule answer(int newStatus, String newBody) {
        status = newStatus;
        body = newBody.getBytes(StandardCharsets.UTF_8);
        return instead(Fault.ANSWER);
    }

    /** Sets a header of the answer, the proxy's own or the server's. */
    public Rule header(String name, String value) {
        headers.put(name, value);
        planned.add(Fault.HEADER);
        return this;
    }

    /** Closes the connection in place of an answer. */
    public Rule close() {
        return instead(Fault.CLOSE);
    }

    /** Resets the connection in place of an answer. */
    public Rule reset() {
        return instead(Fault.RESET);
    }

    /** Never answers; the connection stays open. */
    public Rule silence() {
        return instead(Fault.SILENCE);
    }

    /** Waits before it passes the request on, or answers it. */
    public Rule delay(Duration newDelay) {
        delay = newDelay;
        planned.add(Fault.DELAY);
        return this;
    }

    /**
     * Does this before it passes the request on, or answers it; by a thread of the proxy, while the
     * client waits. So a test writes between two pages of a list.
     */
    public Rule meanwhile(Runnable action) {
        meanwhile = action;
        planned.add(Fault.MEANWHILE);
        return this;
    }

    /** Moves the Date of the answer: the server's clock is wrong by this. */
    public Rule skewDate(Duration newSkew) {
        skew = newSkew;
        planned.add(Fault.DATE);
        return this;
    }

    /** Passes the whole body on in pieces of so many bytes, each in a chunk of its own. */
    public Rule piecesOf(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException(
                    "A piece of " + bytes + " bytes; expected 1 or more");
        }
        pieces = bytes;
        planned.add(Fault.SPLIT);
        return this;
    }

    /** Passes the body on at this rate at most. */
    public Rule bytesPerSecond(int rate) {
        if (rate < 1) {
            throw new IllegalArgumentException(
                    "A rate of " + rate + " bytes per second; expected 1 or more");
        }
        bytesPerSecond = rate;
        planned.add(Fault.THROTTLE);
        return this;
    }

    /** Does this at the n-th line of each body, from 1. */
    public Rule line(int n, LineEdit edit) {
        return edit((number, line) -> number == n, edit);
    }

    /** Does this at each line of each body that is like this. */
    public Rule lines(Predicate<String> like, LineEdit edit) {
        return edit((number, line) -> like.test(line), edit);
    }

    /**
     * What it was to do and has not done so far; empty when all of it, each edit of a line for
     * itself, happened at least once.
     */
    public Set<Fault> missing() {
        Set<Fault> missing = EnumSet.noneOf(Fault.class);
        missing.addAll(planned);
        missing.removeAll(done);
        edits.stream().filter(at -> !at.done).forEach(at -> missing.add(at.edit.fault()));
        return missing;
    }

    /** How many requests were of its kind so far, whether it was their turn or not. */
    public synchronized int matched() {
        return matched;
    }

    @Override
    public String toString() {
        Set<Fault> all = EnumSet.noneOf(Fault.class);
        all.addAll(planned);
        edits.forEach(at -> all.add(at.edit.fault()));
        return "%s of %d requests: %s, missing %s".formatted(choice, matched(), all, missing());
    }

    /** Counts the request if it is of the kind; whether it is its turn. */
    synchronized boolean takes(Request request) {
        if (!requests.test(request)) {
            return false;
        }
        matched++;
        return matched >= from && matched <= to;
    }

    void did(Fault fault) {
        done.add(fault);
    }

    Fault instead() {
        return instead;
    }

    int status() {
        return status;
    }

    byte[] body() {
        return body;
    }

    Map<String, String> headers() {
        return headers;
    }

    Duration delay() {
        return delay;
    }

    /** Or null. */
    Runnable meanwhile() {
        return meanwhile;
    }

    /** Or null. */
    Duration skew() {
        return skew;
    }

    /** 0: as they come. */
    int pieces() {
        return pieces;
    }

    /** 0: as fast as it goes. */
    int bytesPerSecond() {
        return bytesPerSecond;
    }

    boolean editsLines() {
        return !edits.isEmpty();
    }

    /** What is to be done at a line, in the order in which the rule was told. */
    List<At> editsOf(int number, String line) {
        return edits.stream().filter(at -> at.where.test(number, line)).toList();
    }

    private interface Where {
        boolean test(int number, String line);
    }

    /** An edit with its place. */
    static final class At {
        private final Where where;
        private final LineEdit edit;
        private volatile boolean done;

        private At(Where where, LineEdit edit) {
            this.where = where;
            this.edit = edit;
        }

        LineEdit edit() {
            return edit;
        }

        void did() {
            done = true;
        }
    }

    private Rule edit(Where where, LineEdit edit) {
        edits.add(new At(where, edit));
        return this;
    }

    private Rule between(int newFrom, int newTo, String newChoice) {
        from = newFrom;
        to = newTo;
        choice = newChoice;
        return this;
    }

    private Rule instead(Fault fault) {
        if (instead != null) {
            throw new IllegalStateException(
                    "A request has one answer: " + fault + " contradicts " + instead);
        }
        instead = fault;
        planned.add(fault);
        return this;
    }
}
