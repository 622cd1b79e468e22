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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which an embedded Tocsin keeps its checkpoints, so that the next run goes on where
 * the last one stopped or was killed.
 *
 * <pre>
 * DIR/lock                                   held while a run lives; contains its process id
 * DIR/checkpoints/run-000007/JOB/chk-12/     checkpoints of the seventh run
 * DIR/checkpoints/run-000007/savepoint-…/    its last one, when it was stopped in order
 * DIR/deadletters/                           what could not be delivered
 * </pre>
 *
 * <p>Order is by run and checkpoint number, never by clocks. One process at a time, one thread.
 */
public final class StateDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateDirectory.class);
    private static final Pattern RUN = Pattern.compile("run-(\\d{6,})");
    private static final Pattern CHECKPOINT = Pattern.compile("chk-(\\d+)");
    private static final int KEPT = 3;

    private final Path directory;
    private final FileChannel channel;
    private final long run;
    private final Set<Path> refused = new HashSet<>();

    /** A complete checkpoint or savepoint: a folder with metadata. */
    record Snapshot(long run, long number, Path folder) implements Comparable<Snapshot> {
        @Override
        public int compareTo(Snapshot other) {
            return Comparator.comparingLong(Snapshot::run)
                    .thenComparingLong(Snapshot::number)
                    .compare(this, other);
        }
    }

    private StateDirectory(Path directory, FileChannel channel) throws IOException {
        this.directory = directory;
        this.channel = channel;
        this.run = runs().stream().mapToLong(StateDirectory::numberOfRun).max().orElse(0) + 1;
    }

    /**
     * Opens and locks a state directory, making it if need be.
     *
     * @throws UsageException if another process uses it, or it cannot be written
     */
    public static StateDirectory open(Path directory) {
        FileChannel channel = null;
        try {
            Files.createDirectories(directory.resolve("checkpoints"));
            Path file = directory.resolve("lock");
            channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                String owner = Files.readString(file).strip();
                channel.close();
                throw new UsageException(
                        "The state directory "
                                + directory
                                + " is in use by another Tocsin"
                                + (owner.isEmpty() ? "" : " (process " + owner + ")")
                                + ". Stop that one, or give this one a directory of its own with"
                                + " --state.");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(
                            (ProcessHandle.current().pid() + "\n")
                                    .getBytes(StandardCharsets.UTF_8)));
            return new StateDirectory(directory, channel);
        } catch (IOException | UncheckedIOException e) {
            closeQuietly(channel);
            throw new UsageException(
                    "The state directory "
                            + directory
                            + " cannot be used: "
                            + e
                            + ". Expected a folder that this user may write; give another with"
                            + " --state.");
        }
    }

    /** Folder for the checkpoints of this run. */
    public Path checkpoints() {
        return directory.resolve("checkpoints").resolve(String.format("run-%06d", run));
    }

    /** Folder for what could not be delivered. */
    public Path deadLetters() {
        return directory.resolve("deadletters");
    }

    /**
     * The newest checkpoint that loads; nothing if there never was one.
     *
     * @throws UsageException if there are checkpoints and none of them loads: to begin anew
     *     silently would forget open alerts
     */
    public Optional<Path> newest() {
        List<Snapshot> snapshots;
        try {
            snapshots = snapshots();
        } catch (IOException e) {
            throw new UsageException("The state directory " + directory + " cannot be read: " + e);
        }
        List<String> broken = new ArrayList<>();
        for (int i = snapshots.size() - 1; i >= 0; i--) {
            Path folder = snapshots.get(i).folder();
            if (refused.contains(folder)) {
                broken.add(folder + ": could not be restored, see the log");
                continue;
            }
            try {
                CheckpointFiles.verify(CheckpointFiles.read(folder));
                return Optional.of(folder);
            } catch (IOException | RuntimeException e) {
                broken.add(folder + ": " + e.getMessage());
                LOG.warn(
                        "Checkpoint {} does not load, trying an older one: {}",
                        folder,
                        e.toString());
            }
        }
        if (broken.isEmpty()) {
            return Optional.empty();
        }
        throw new UsageException(
                "No checkpoint in "
                        + directory
                        + " loads, and starting from nothing would forget open alerts and the"
                        + " position in the watch:\n  "
                        + String.join("\n  ", broken)
                        + "\nRestore the folder from a backup, or move it away to begin anew.");
    }

    /** From now on a checkpoint does not count as one that loads. */
    public void refuse(Path checkpoint) {
        refused.add(checkpoint);
    }

    /** Whether this run has completed a checkpoint of its own. */
    public boolean hasOwn() {
        try {
            return snapshots().stream().anyMatch(snapshot -> snapshot.run() == run);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Deletes what no restart can need: once this run has three checkpoints of its own, all runs
     * but the last one before it. That one stays, since Flink deletes the checkpoints of a run that
     * is stopped with a savepoint: else that savepoint would be the only thing to resume from.
     */
    public void prune() {
        try {
            List<Snapshot> snapshots = snapshots();
            if (snapshots.stream().filter(snapshot -> snapshot.run() == run).count() < KEPT) {
                return;
            }
            long before =
                    snapshots.stream()
                            .mapToLong(Snapshot::run)
                            .filter(each -> each != run)
                            .max()
                            .orElse(run);
            for (Path folder : runs()) {
                if (numberOfRun(folder) != run && numberOfRun(folder) != before) {
                    delete(folder);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("Old checkpoints in {} could not be deleted: {}", directory, e.toString());
        }
    }

    /** Releases the lock. */
    @Override
    public void close() {
        closeQuietly(channel);
    }

    /** All complete snapshots, oldest first. */
    private List<Snapshot> snapshots() throws IOException {
        List<Snapshot> snapshots = new ArrayList<>();
        for (Path run : runs()) {
            List<Path> folders = new ArrayList<>();
            for (Path child : children(run)) {
                folders.add(child);
                folders.addAll(children(child));
            }
            for (Path folder : folders) {
                if (Files.exists(folder.resolve("_metadata"))) {
                    snapshots.add(new Snapshot(numberOfRun(run), numberOfSnapshot(folder), folder));
                }
            }
        }
        snapshots.sort(null);
        return snapshots;
    }

    /** What a folder holds; nothing of one that Flink deletes at this moment. */
    private static List<Path> children(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private List<Path> runs() throws IOException {
        try (Stream<Path> folders = Files.list(directory.resolve("checkpoints"))) {
            return folders.filter(folder -> RUN.matcher(folder.getFileName().toString()).matches())
                    .toList();
        }
    }

    private static long numberOfRun(Path folder) {
        Matcher matcher = RUN.matcher(folder.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /** A savepoint is the last thing a run writes. */
    private static long numberOfSnapshot(Path folder) {
        Matcher matcher = CHECKPOINT.matcher(folder.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // held by this very process
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException e) {
            return; // gone already
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    private static void closeQuietly(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("Lock file could not be closed", e);
            }
        }
    }
}
