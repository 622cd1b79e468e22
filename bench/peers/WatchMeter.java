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
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** CPU time of this process per event: of the first half of what is read, and of the second, when compiled. */
final class WatchMeter {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final String name;
    private final long events;
    private long seen;
    private long begun;
    private long half;

    WatchMeter(String name, long events) {
        this.name = name;
        this.events = events;
    }

    /** Counts an event; after the last one prints the CPU seconds per million events, cold and warm, and ends. */
    synchronized void event() {
        seen++;
        if (seen == 1) {
            begun = PROCESS.getProcessCpuTime();
        } else if (seen == events / 2) {
            half = PROCESS.getProcessCpuTime();
        } else if (seen == events) {
            long end = PROCESS.getProcessCpuTime();
            System.out.printf(
                    "%s %.2f %.2f%n", name, perMillion(half - begun), perMillion(end - half));
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    private double perMillion(long nanos) {
        return nanos / 1e9 / (events / 2.0) * 1e6;
    }
}
