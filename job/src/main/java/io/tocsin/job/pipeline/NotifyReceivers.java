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
package io.tocsin.job.pipeline;

import io.tocsin.job.model.Alert;
import io.tocsin.job.model.AlertStatus;
import io.tocsin.job.output.Notification;
import java.util.List;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/** Addresses every alert that rings or is over to every receiver; a pending one rings nobody. */
final class NotifyReceivers implements FlatMapFunction<Alert, Notification> {
    private static final long serialVersionUID = 1L;

    private final String[] receivers;

    NotifyReceivers(List<String> receivers) {
        this.receivers = receivers.toArray(String[]::new);
    }

    @Override
    public void flatMap(Alert alert, Collector<Notification> notifications) {
        // Pending, or pending no more without having rung: nobody was told, so nobody is.
        if (alert.status() == AlertStatus.PENDING || alert.firedAtMillis() == 0) {
            return;
        }
        for (String receiver : receivers) {
            notifications.collect(new Notification(receiver, alert));
        }
    }
}
