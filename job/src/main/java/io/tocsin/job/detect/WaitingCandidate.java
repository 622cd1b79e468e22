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
package io.tocsin.job.detect;

import io.tocsin.annotation.StateType;
import io.tocsin.job.model.Candidate;

/**
 * A candidate that waits until the list it was found in has ended, or event time comes to it.
 *
 * @param candidate the candidate
 * @param watermark event time when it arrived
 */
@StateType
public record WaitingCandidate(Candidate candidate, long watermark) {}
