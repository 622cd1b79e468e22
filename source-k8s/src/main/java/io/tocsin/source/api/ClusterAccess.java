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

import java.io.Serializable;

/**
 * Where a cluster's API server and the credentials for it are found. Holds no credential itself, so
 * it may travel in a job graph.
 *
 * @param kubeconfig path of a kubeconfig file; null for the default ({@code KUBECONFIG}, then
 *     {@code ~/.kube/config})
 * @param context context of the kubeconfig; null for its current one
 * @param inCluster use the service account that is mounted into the pod; the other components are
 *     then ignored
 */
public record ClusterAccess(String kubeconfig, String context, boolean inCluster)
        implements Serializable {}
