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
package io.tocsin.sink.deadletter;

import io.tocsin.annotation.StateType;

/**
 * Something that could not be used or delivered, kept with its reason so that nothing is lost
 * silently.
 *
 * @param stage where it was given up: {@code source}, {@code detection}, {@code webhook}, …
 * @param origin what it belongs to: cluster and scope, or the receiver's name
 * @param reason why, in words that name what was expected
 * @param timeMillis when, epoch milliseconds
 * @param raw its bytes, verbatim (cut at a bound)
 */
@StateType
public record DeadLetter(String stage, String origin, String reason, long timeMillis, byte[] raw) {}
