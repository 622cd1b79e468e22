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
package io.tocsin.sink.webhook;

import io.tocsin.sink.deadletter.DeadLetterHandler;
import io.tocsin.sink.deadletter.DeadLetterOutbox;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.DoubleSupplier;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects lanes, network, clock and checkpoint. {@link #write} only enqueues; a checkpoint takes
 * what is pending along instead of waiting for it.
 *
 * <p>Threads: lanes and all else here belong to the task thread; an answer comes back as a mail.
 */
final class WebhookWriter<IN> implements StatefulSinkWriter<IN, WebhookWriterState> {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookWriter.class);
    private static final long OUTBOX_RETRY_MILLIS = 10_000;

    /** What the writer has of the world around it. */
    record Surroundings(
            MailboxExecutor mailbox,
            ProcessingTimeService time,
            SinkWriterMetricGroup metrics,
            Transport transport,
            DoubleSupplier jitter) {}

    private record Station(WebhookDestination destination, Lane lane, LaneMetrics metrics) {}

    private final WebhookRequestMapper<IN> mapper;
    private final DeliveryLimits limits;
    private final Surroundings around;
    private final DeadLetterOutbox outbox;
    private final DeadLetterDesk desk;
    private final Map<String, Station> stations = new LinkedHashMap<>();

    /** Receivers about which something was remarked: once is enough. */
    private final Set<String> remarked = new HashSet<>();

    /** When the earliest timer that was set goes off; {@link Long#MAX_VALUE} without one. */
    private long timerAtMillis = Long.MAX_VALUE;

    private boolean closed;

    WebhookWriter(
            WebhookRequestMapper<IN> mapper,
            Collection<WebhookDestination> destinations,
            DeliveryLimits limits,
            DeadLetterHandler deadLetters,
            Surroundings around,
            Collection<WebhookWriterState> restored) {
        this.mapper = mapper;
        this.limits = limits;
        this.around = around;
        this.outbox = new DeadLetterOutbox(deadLetters);
        this.desk =
                new DeadLetterDesk(
                        outbox, around.metrics().getNumRecordsSendErrorsCounter(), this::now);
        Map<String, Lane> lanes = new LinkedHashMap<>();
        for (WebhookWriterState state : restored) {
            outbox.restore(state.deadLetters());
            for (LaneState lane : state.lanes()) {
                lanes.put(lane.destination(), Lane.restore(lane, limits, now()));
            }
        }
        for (WebhookDestination destination : destinations) {
            String name = destination.name();
            Lane lane = lanes.remove(name);
            stations.put(
                    name,
                    new Station(
                            destination,
                            lane == null ? new Lane(name, limits) : lane,
                            new LaneMetrics(around.metrics(), name, this::now)));
        }
        lanes.forEach(
                (name, lane) ->
                        lane.giveUpAll("the receiver is no longer configured")
                                .forEach(given -> desk.bury(name, given)));
        // Not sent here: a mail cannot be worked off before the task runs.
        wakeAt(now());
    }

    @Override
    public void write(IN element, Context context) {
        WebhookRequest request;
        try {
            request = complete(mapper.map(element));
        } catch (RuntimeException e) {
            LOG.warn("An element cannot be turned into a webhook request", e);
            desk.bury("mapping", "cannot be turned into a request: " + e, utf8(element));
            handOn();
            return;
        }
        if (request == null) {
            return;
        }
        Station station = stations.get(request.destination());
        if (station == null) {
            desk.bury(
                    request.destination(),
                    "no such receiver; configured are " + stations.keySet(),
                    request.body());
            handOn();
            return;
        }
        bury(station, station.lane().offer(request, now()));
        send(station);
        schedule();
    }

    @Override
    public void flush(boolean endOfInput) throws InterruptedException {
        if (!endOfInput) {
            return;
        }
        long deadline = now() + limits.drainTimeoutMillis();
        // Wakes the wait below even when nothing else happens.
        around.time().registerTimer(deadline, time -> {});
        while (pending() > 0 && now() < deadline) {
            around.mailbox().yield();
        }
        for (Station station : stations.values()) {
            bury(
                    station,
                    station.lane()
                            .giveUpAll(
                                    "the input ended, and the receiver did not take it within "
                                            + limits.drainTimeoutMillis()
                                            + " ms"));
        }
        handOn();
    }

    @Override
    public List<WebhookWriterState> snapshotState(long checkpointId) {
        List<LaneState> lanes = new ArrayList<>();
        for (Station station : stations.values()) {
            lanes.add(station.lane().snapshot());
        }
        return List.of(new WebhookWriterState(lanes, outbox.waiting()));
    }

    @Override
    public void close() {
        closed = true;
        around.transport().close();
    }

    private int pending() {
        return stations.values().stream().mapToInt(station -> station.lane().pending()).sum();
    }

    private void send(Station station) {
        for (Lane.Sending sending : station.lane().poll(now())) {
            around.transport()
                    .send(station.destination(), sending)
                    .thenAccept(answer -> post(station, sending, answer));
        }
        station.metrics().show(station.lane());
    }

    /** On a thread of the transport. */
    private void post(Station station, Lane.Sending sending, Answer answer) {
        try {
            around.mailbox().execute(() -> settle(station, sending, answer), "answer of a webhook");
        } catch (RejectedExecutionException e) {
            // The task is over; the request is in its last checkpoint and will be sent again.
            LOG.debug("An answer came after the end of the task", e);
        }
    }

    private void settle(Station station, Lane.Sending sending, Answer answer) {
        if (closed) {
            return;
        }
        long now = now();
        DeliveryOutcome outcome =
                DeliveryPolicy.judge(station.destination().dialect(), answer, now);
        boolean wasOpen = station.lane().isOpen();
        List<Lane.GivenUp> givenUp =
                station.lane().settle(sending.id(), outcome, now, around.jitter().getAsDouble());
        report(station, sending, outcome, wasOpen);
        bury(station, givenUp);
        send(station);
        schedule();
    }

    private void report(
            Station station, Lane.Sending sending, DeliveryOutcome outcome, boolean wasOpen) {
        String name = station.destination().name();
        boolean open = station.lane().isOpen();
        station.metrics().count(outcome);
        if (outcome instanceof DeliveryOutcome.Delivered delivered) {
            around.metrics().getNumRecordsSendCounter().inc();
            if (!delivered.remark().isEmpty() && remarked.add(name)) {
                LOG.warn("Receiver {} {}", name, delivered.remark());
            }
        } else if (open && !wasOpen) {
            LOG.warn(
                    "Receiver {} does not take notifications: {}. {} are pending; it is probed until it does",
                    name,
                    outcome,
                    station.lane().pending());
        } else {
            LOG.debug("Receiver {}, attempt {}: {}", name, sending.attempts(), outcome);
        }
        if (wasOpen && !open) {
            LOG.info("Receiver {} answers again, {} pending", name, station.lane().pending());
        }
    }

    private void bury(Station station, List<Lane.GivenUp> givenUp) {
        for (Lane.GivenUp given : givenUp) {
            station.metrics().countDeadLetter();
            desk.bury(station.destination().name(), given);
        }
        if (!givenUp.isEmpty()) {
            station.metrics().show(station.lane());
            handOn();
        }
    }

    private void handOn() {
        if (!outbox.handOn()) {
            wakeAt(now() + OUTBOX_RETRY_MILLIS);
        }
    }

    private void schedule() {
        long earliest = Long.MAX_VALUE;
        for (Station station : stations.values()) {
            earliest = Math.min(earliest, station.lane().wakeAtMillis());
        }
        if (earliest != Long.MAX_VALUE) {
            wakeAt(earliest);
        }
    }

    private void wakeAt(long millis) {
        if (millis < timerAtMillis) {
            timerAtMillis = millis;
            around.time().registerTimer(millis, this::wake);
        }
    }

    private void wake(long timerMillis) {
        if (closed) {
            return;
        }
        if (timerMillis >= timerAtMillis) {
            timerAtMillis = Long.MAX_VALUE;
        }
        handOn();
        stations.values().forEach(this::send);
        schedule();
    }

    private long now() {
        return around.time().getCurrentProcessingTime();
    }

    /** A null in a request would surface only in the next checkpoint, and end the job there. */
    private static WebhookRequest complete(WebhookRequest request) {
        if (request != null) {
            Objects.requireNonNull(request.destination(), "the request has no destination");
            Objects.requireNonNull(request.orderKey(), "the request has no order key");
            Objects.requireNonNull(request.idempotencyKey(), "the request has no idempotency key");
            Objects.requireNonNull(request.contentType(), "the request has no content type");
            Objects.requireNonNull(request.body(), "the request has no body");
        }
        return request;
    }

    private static byte[] utf8(Object element) {
        return String.valueOf(element).getBytes(StandardCharsets.UTF_8);
    }
}
