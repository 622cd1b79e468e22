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

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns SIGTERM and Ctrl-C into something to wait for. A shutdown hook would not do: it runs beside
 * Flink's own hooks, which delete what a last checkpoint still needs, and it cannot choose the exit
 * code. A second signal ends the process at once.
 */
final class StopSignal {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Takes over both signals for the rest of the process. */
    static StopSignal install() {
        StopSignal signal = new StopSignal();
        for (String name : new String[] {"TERM", "INT"}) {
            handle(
                    name,
                    () -> {
                        if (signal.stopped.getCount() == 0) {
                            Runtime.getRuntime().halt(130);
                        }
                        signal.raise();
                    });
        }
        return signal;
    }

    /** As if a signal had come. */
    void raise() {
        stopped.countDown();
    }

    /** Waits for a signal; false if none came in time. */
    boolean await(long millis) throws InterruptedException {
        return stopped.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Whether a signal came. */
    boolean came() {
        return stopped.getCount() == 0;
    }

    /**
     * {@code sun.misc.Signal}, the only way the JDK has, is reached by reflection: the compiler's
     * warning about it cannot be suppressed.
     */
    private static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler invocation =
                    (proxy, method, arguments) -> {
                        switch (method.getName()) {
                            case "handle" -> action.run();
                            case "hashCode" -> {
                                return System.identityHashCode(proxy);
                            }
                            case "equals" -> {
                                return proxy == arguments[0];
                            }
                            default -> {
                                return name;
                            }
                        }
                        return null;
                    };
            signal.getMethod("handle", signal, handler)
                    .invoke(
                            null,
                            signal.getConstructor(String.class).newInstance(name),
                            Proxy.newProxyInstance(
                                    handler.getClassLoader(),
                                    new Class<?>[] {handler},
                                    invocation));
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn(
                    "SIG{} cannot be handled here ({}): it ends Tocsin without a last checkpoint;"
                            + " the next run resumes from the one before",
                    name,
                    e.toString());
        }
    }
}
