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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Delivers notifications over HTTP without losing one: what is not delivered is in the checkpoint,
 * what cannot be delivered becomes a dead letter. At least once, under an idempotency key; in order
 * per {@link WebhookRequest#orderKey}; no destination waits for another, and neither the stream nor
 * a checkpoint waits for any.
 *
 * <p>Run it with parallelism and max parallelism 1: {@code sinkTo(sink).setParallelism(1)
 * .setMaxParallelism(1)}. Notifications are few and sent concurrently, whereas state dealt out to
 * several writers could let a resolve overtake its firing.
 *
 * <p>At the end of a bounded input it waits {@link DeliveryLimits#drainTimeoutMillis} for what is
 * pending; a stop with savepoint without drain, a cancellation and a crash do not wait and lose
 * nothing.
 *
 * <p>Semantics: Flink's Sink V2 with writer state (FLIP-191, FLIP-372), as it exists in 1.20 and
 * 2.x.
 */
public final class WebhookSink<IN>
        implements Sink<IN>, SupportsWriterState<IN, WebhookWriterState> {
    private static final long serialVersionUID = 1L;

    private final WebhookRequestMapper<IN> mapper;
    private final List<WebhookDestination> destinations;
    private final DeliveryLimits limits;
    private final DeadLetterHandler deadLetters;

    private WebhookSink(Builder<IN> builder) {
        this.mapper = builder.mapper;
        this.destinations = List.copyOf(builder.destinations);
        this.limits = builder.limits;
        this.deadLetters = builder.deadLetters;
    }

    /** A new builder; a mapper is needed. Without a destination it only gives back what it owes. */
    public static <IN> Builder<IN> builder() {
        return new Builder<>();
    }

    @Override
    public StatefulSinkWriter<IN, WebhookWriterState> createWriter(WriterInitContext context) {
        return restoreWriter(context, List.of());
    }

    /**
     * Required by the interface in Flink 1.20, which calls the other one; gone in 2.x.
     *
     * @deprecated never called
     */
    @Deprecated
    @Override
    public StatefulSinkWriter<IN, WebhookWriterState> createWriter(InitContext context) {
        throw new UnsupportedOperationException(
                "WebhookSink is created through createWriter(WriterInitContext), as Flink 1.20 and newer do");
    }

    @Override
    public StatefulSinkWriter<IN, WebhookWriterState> restoreWriter(
            WriterInitContext context, Collection<WebhookWriterState> state) {
        int parallelism = context.getTaskInfo().getNumberOfParallelSubtasks();
        if (parallelism != 1) {
            throw new IllegalStateException(
                    "WebhookSink keeps order per alert only at parallelism 1, got "
                            + parallelism
                            + ": call setParallelism(1).setMaxParallelism(1) on the sink");
        }
        long connectMillis =
                destinations.stream()
                        .mapToLong(WebhookDestination::timeoutMillis)
                        .max()
                        .orElse(WebhookDestination.DEFAULT_TIMEOUT_MILLIS);
        return new WebhookWriter<>(
                mapper,
                destinations,
                limits,
                deadLetters,
                new WebhookWriter.Surroundings(
                        context.getMailboxExecutor(),
                        context.getProcessingTimeService(),
                        context.metricGroup(),
                        new HttpTransport(Duration.ofMillis(connectMillis)),
                        new SplittableRandom()::nextDouble),
                state);
    }

    @Override
    public SimpleVersionedSerializer<WebhookWriterState> getWriterStateSerializer() {
        return new WebhookWriterStateSerializer();
    }

    /** Collects the parts of a {@link WebhookSink}. */
    public static final class Builder<IN> {
        private final List<WebhookDestination> destinations = new ArrayList<>();
        private WebhookRequestMapper<IN> mapper;
        private DeliveryLimits limits = DeliveryLimits.DEFAULT;
        private DeadLetterHandler deadLetters = DeadLetterHandler.logOnly();

        private Builder() {}

        /** How elements become requests. */
        public Builder<IN> mapper(WebhookRequestMapper<IN> given) {
            mapper = given;
            return this;
        }

        /** Adds a receiver; names must differ. */
        public Builder<IN> destination(WebhookDestination given) {
            destinations.add(given);
            return this;
        }

        /** How hard to try; {@link DeliveryLimits#DEFAULT} when not called. */
        public Builder<IN> limits(DeliveryLimits given) {
            limits = given;
            return this;
        }

        /** Where dead letters go beside the log; nowhere when not called. */
        public Builder<IN> deadLetters(DeadLetterHandler given) {
            deadLetters = given;
            return this;
        }

        /**
         * @throws IllegalArgumentException naming everything that is missing or contradictory
         */
        public WebhookSink<IN> build() {
            List<String> problems = new ArrayList<>();
            if (mapper == null) {
                problems.add("a mapper is missing");
            }
            TreeSet<String> names = new TreeSet<>();
            for (WebhookDestination destination : destinations) {
                if (!names.add(destination.name())) {
                    problems.add("two destinations are named " + destination.name());
                }
            }
            if (limits == null || deadLetters == null) {
                problems.add("limits and dead letters must not be null");
            }
            if (!problems.isEmpty()) {
                throw new IllegalArgumentException("webhook sink: " + String.join("; ", problems));
            }
            return new WebhookSink<>(this);
        }
    }
}
