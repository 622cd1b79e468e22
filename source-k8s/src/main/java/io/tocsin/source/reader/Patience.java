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
package io.tocsin.source.reader;

import io.tocsin.annotation.Pure;
import io.tocsin.source.api.Signal;

/**
 * Judges failed calls by how many there were in a row: how long to wait, and when to list instead
 * of watching once more.
 *
 * <p>An answer to a list ends a row of failed calls, but not one of futile watches: a server, or a
 * proxy before it, that accepts every watch and ends it at once answers lists all the while, and
 * must not be asked without pause.
 */
@Pure
final class Patience {

    private static final int FUTILE_WATCHES_BEFORE_LIST = 2;
    private static final int UNOPENED_WATCHES_BEFORE_LIST = 2;
    private static final int IN_STREAM_ERRORS_BEFORE_LIST = 3;

    /** The API server itself, which limits the rate and knows for how long. */
    private static final long MAX_WAIT_THROTTLED_MILLIS = 300_000;

    /** Whoever stands before it: a balancer's guess must not blind us for long. */
    private static final long MAX_WAIT_REFUSED_MILLIS = 120_000;

    private final ListWatchSettings settings;
    private int failures;
    private int futileWatches;
    private int unopenedWatches;
    private boolean answered;
    private int inStreamErrors;

    Patience(ListWatchSettings settings) {
        this.settings = settings;
    }

    /**
     * What follows from the end of a call.
     *
     * @param waitMillis how long to wait before the next call
     * @param listCause why a list comes next; null if the plan stays
     * @param trouble what is wrong with the contact; null if nothing is
     * @param message what happened
     */
    record Verdict(long waitMillis, Notice listCause, Notice trouble, String message) {}

    /** A list or probe was refused. */
    Verdict refused(Signal.Refused refused, double random) {
        unopenedWatches = 0;
        return trouble(refused, random);
    }

    /**
     * A watch was refused, or told an error.
     *
     * @param proven whether it was of use before
     */
    Verdict watchRefused(Signal.Refused refused, boolean proven, double random) {
        boolean badVersion = isBadVersion(refused);
        if (!proven && !refused.inStream() && !badVersion) {
            Verdict verdict = trouble(refused, random);
            return unopened(verdict);
        }
        if (!proven) {
            futileWatches++;
        }
        Verdict verdict = trouble(refused, random);
        boolean tooMany = refused.inStream() && ++inStreamErrors >= IN_STREAM_ERRORS_BEFORE_LIST;
        if (badVersion || tooMany) {
            Notice cause = badVersion ? Notice.UNKNOWN_VERSION : Notice.ERRORS;
            return new Verdict(verdict.waitMillis(), cause, null, verdict.message());
        }
        return verdict;
    }

    private Verdict trouble(Signal.Refused refused, double random) {
        long most = refused.status() == 429 ? MAX_WAIT_THROTTLED_MILLIS : MAX_WAIT_REFUSED_MILLIS;
        return new Verdict(
                Math.max(Math.min(refused.retryAfterMillis(), most), failed(random)),
                null,
                Notice.ofStatus(refused.status()),
                refused.status() + " " + refused.message());
    }

    /** Whether the version that was asked for is what the server does not like. */
    static boolean isBadVersion(Signal.Refused refused) {
        return refused.status() == 400 || refused.resourceVersionTooLarge();
    }

    /** Whether asking the same once more is of no use. */
    static boolean isFinal(Signal.Refused refused) {
        int status = refused.status();
        return status >= 400 && status < 500 && status != 401 && status != 429;
    }

    /** There was no connection for a watch. */
    Verdict unopened(String message, double random) {
        return unopened(new Verdict(failed(random), null, Notice.BROKEN, message));
    }

    /**
     * A server that refuses watches while it answers lists or checks in between is listed now and
     * then: event time goes on.
     */
    private Verdict unopened(Verdict verdict) {
        futileWatches++;
        if (!answered) {
            return verdict;
        }
        answered = false;
        unopenedWatches++;
        return unopenedWatches % UNOPENED_WATCHES_BEFORE_LIST == 0
                ? new Verdict(
                        verdict.waitMillis(), Notice.NO_WATCH, verdict.trouble(), verdict.message())
                : verdict;
    }

    /** There was no connection, or it broke, or the answer made no sense. */
    Verdict broken(Notice trouble, String message, double random) {
        unopenedWatches = 0;
        return new Verdict(failed(random), null, trouble, message);
    }

    /**
     * A watch was accepted, and ended before it was of any use.
     *
     * @param trouble what else is wrong with its end; null if it was in order
     */
    Verdict futile(Notice trouble, String message, double random) {
        futileWatches++;
        if (trouble != null) {
            failures++;
        }
        return new Verdict(
                backoff(Math.max(failures, futileWatches), random),
                futileWatches % FUTILE_WATCHES_BEFORE_LIST == 0 ? Notice.INSTANT_CLOSES : null,
                trouble,
                message);
    }

    /** The version that a watch began at is too old. */
    Verdict expired(String message, double random) {
        futileWatches++;
        long wait = futileWatches == 1 ? 0 : backoff(futileWatches, random);
        return new Verdict(wait, Notice.EXPIRED, null, message);
    }

    /** What a list depends on is too old: how long to wait before it starts again. */
    long listExpired(double random) {
        failures++;
        return failures == 1 ? 0 : backoff(failures, random);
    }

    /** A line or page is to be read a second time: how long to wait before. */
    long again(double random) {
        return failed(random);
    }

    private long failed(double random) {
        failures++;
        return backoff(Math.max(failures, futileWatches), random);
    }

    private long backoff(int failed, double random) {
        return Backoff.millis(settings, failed, random);
    }

    /** The server answered a list. */
    void answered() {
        answered = true;
        failures = 0;
    }

    /** The server answered a check: this ends no row of failed calls. */
    void checked() {
        answered = true;
    }

    /** A list begins. */
    void lists() {
        inStreamErrors = 0;
    }

    /** A watch was of use. */
    void fruitful() {
        failures = 0;
        futileWatches = 0;
        answered = false;
        unopenedWatches = 0;
        inStreamErrors = 0;
    }
}
