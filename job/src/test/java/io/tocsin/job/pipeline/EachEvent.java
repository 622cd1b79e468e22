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

import io.tocsin.source.event.EventRecord;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;

/** 10 s behind the newest event, told with each event. */
final class EachEvent implements WatermarkGenerator<EventRecord> {

    private long newest = Long.MIN_VALUE;

    @Override
    public void onEvent(EventRecord event, long timestamp, WatermarkOutput output) {
        newest = Math.max(newest, timestamp);
        output.emitWatermark(new Watermark(newest - 10_000));
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
}
