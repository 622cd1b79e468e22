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
package io.tocsin.job.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a job on a Flink inside this process: restores the newest checkpoint of a state directory,
 * and on a stop signal leaves with a last one, so that the next run resumes exactly.
 */
final class EmbeddedFlink {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedFlink.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    /** An event passes two or three exchanges to its alert, and waits in each for half of this. */
    private static final Duration BUFFER_TIMEOUT = Duration.ofMillis(20);

    private static final Duration HOUSEKEEPING = Duration.ofSeconds(1);

    private final StateDirectory state;
    private final Duration checkpointInterval;
    private final Restarts restarts;

    /**
     * How a job that fails is started again: after a delay that doubles up to a bound. A failure
     * that repeats so often without a time of calm in between does not pass by itself, and ends the
     * job; failures with calm between them never do.
     *
     * @param inARow how many restarts
     * @param first first delay
     * @param longest longest delay
     * @param calm for how long, besides the last delay, it must have run to start counting anew
     */
    record Restarts(int inARow, Duration first, Duration longest, Duration calm) {
        /** About two minutes of trying. */
        static final Restarts DEFAULT =
                new Restarts(
                        8, Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofMinutes(1));
    }

    EmbeddedFlink(StateDirectory state, Duration checkpointInterval) {
        this(state, checkpointInterval, Restarts.DEFAULT);
    }

    EmbeddedFlink(StateDirectory state, Duration checkpointInterval, Restarts restarts) {
        this.state = state;
        this.checkpointInterval = checkpointInterval;
        this.restarts = restarts;
    }

    /**
     * Runs until the job ends or the stop signal comes.
     *
     * @param topology adds the job to the environment
     * @param check decides whether a checkpoint is this job's
     * @return 0 if it was stopped or has ended, 1 if it failed
     * @throws UsageException if the newest checkpoint is not this job's
     */
    int run(
            String name,
            Consumer<StreamExecutionEnvironment> topology,
            StateCheck check,
            StopSignal stop)
            throws Exception {
        while (true) {
            Optional<Path> checkpoint = state.newest();
            JobClient job = start(name, topology, check, checkpoint);
            CompletableFuture<JobExecutionResult> result = job.getJobExecutionResult();
            while (!result.isDone()) {
                if (stop.await(HOUSEKEEPING.toMillis())) {
                    return stop(job, result);
                }
                state.prune();
            }
            try {
                result.get();
                return 0;
            } catch (ExecutionException e) {
                if (checkpoint.isEmpty() || state.hasOwn() || !isRestore(e)) {
                    LOG.error(
                            "The job failed and does not recover: {}. Its state is intact: once the"
                                    + " cause is removed, the same command resumes from {}",
                            rootOf(e),
                            state.checkpoints().getParent(),
                            e.getCause());
                    return 1;
                }
                LOG.warn(
                        "Checkpoint {} cannot be restored ({}), trying an older one. file:DIR may"
                                + " repeat lines",
                        checkpoint.get(),
                        rootOf(e).toString());
                state.refuse(checkpoint.get());
            }
        }
    }

    private JobClient start(
            String name,
            Consumer<StreamExecutionEnvironment> topology,
            StateCheck check,
            Optional<Path> checkpoint)
            throws Exception {
        Configuration configuration = configuration();
        checkpoint.ifPresent(
                folder ->
                        configuration.set(
                                StateRecoveryOptions.SAVEPOINT_PATH, folder.toUri().toString()));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        topology.accept(environment);
        if (checkpoint.isPresent()) {
            Path folder = checkpoint.get();
            check.require(
                    environment.getStreamGraph(false),
                    CheckpointFiles.read(folder),
                    folder.toString());
            LOG.info("Resuming from {}", folder);
        }
        return environment.executeAsync(name);
    }

    /** Whether state could not be read, and not the job did not work on it. */
    private static boolean isRestore(Throwable failure) {
        return ExceptionUtils.findThrowable(failure, BackendBuildingException.class).isPresent()
                || ExceptionUtils.findThrowableWithMessage(
                                failure, "Failed to reset the coordinator")
                        .isPresent();
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private int stop(JobClient job, CompletableFuture<JobExecutionResult> result)
            throws InterruptedException {
        LOG.info("Stopping with a last checkpoint");
        try {
            String savepoint =
                    job.stopWithSavepoint(
                                    false,
                                    state.checkpoints().toUri().toString(),
                                    SavepointFormatType.CANONICAL)
                            .get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
            LOG.info("Stopped; the next run resumes from {}", savepoint);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn(
                    "No last checkpoint could be taken ({}); the next run resumes from the one before",
                    e.getCause() == null ? e.toString() : e.getCause().toString());
            job.cancel();
        }
        try {
            result.get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("The job ended", e);
        }
        return 0;
    }

    private Configuration configuration() {
        Path checkpoints = state.checkpoints();
        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        configuration.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, 3);
        configuration.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
        configuration.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, Integer.MAX_VALUE);
        // A rule that is gone takes its state along; nothing else may stop a restart.
        configuration.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
                restarts.first());
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
                restarts.longest());
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER, 2.0);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
                restarts.calm());
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS,
                restarts.inARow());
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        configuration.set(ExecutionOptions.BUFFER_TIMEOUT, BUFFER_TIMEOUT);
        configuration.set(CoreOptions.CHECK_LEAKED_CLASSLOADER, false);
        return configuration;
    }
}
