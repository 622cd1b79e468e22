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
package io.tocsin.source.api;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.http.HttpClient;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes clients that come to an end when they are closed amid an answer.
 *
 * <p>The JDK's client tidies up after a cancelled answer in its executor, and its selector thread
 * lives until that is done. Fabric8 gives each client an executor and shuts it down in {@code
 * close}, so an answer that was under way was never tidied up, and its thread and connection stayed
 * for good. These clients share one executor that no client shuts down; its threads end when they
 * are idle.
 */
final class Fabric8HttpClientFactory extends JdkHttpClientFactory {

    private static final long IDLE_SECONDS = 5;
    private static final AtomicInteger THREADS = new AtomicInteger();
    private static final ExecutorService SHARED =
            new ThreadPoolExecutor(
                    0,
                    Integer.MAX_VALUE,
                    IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    task -> {
                        Thread thread =
                                new Thread(task, "tocsin http " + THREADS.incrementAndGet());
                        thread.setDaemon(true);
                        return thread;
                    });

    @Override
    protected HttpClient.Builder createNewHttpClientBuilder() {
        return HttpClient.newBuilder().executor(SHARED);
    }
}
