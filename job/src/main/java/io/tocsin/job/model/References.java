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
package io.tocsin.job.model;

import io.tocsin.annotation.Pure;
import io.tocsin.source.event.ObjectReference;
import java.util.Objects;
import java.util.Set;

/**
 * By what objects are known, whoever tells of them.
 *
 * <p>A Node is known by its name: the kubelet writes it where others write the uid. What belongs to
 * no namespace is known without one: an event about it lies in some namespace all the same.
 */
@Pure
public final class References {

    /** Kinds without namespaces that events are about; of others the cluster knows best. */
    private static final Set<String> OF_NO_NAMESPACE =
            Set.of(
                    WatchedKind.NODE.kind(),
                    "Namespace",
                    "PersistentVolume",
                    "StorageClass",
                    "VolumeAttachment",
                    "CSINode",
                    "CSIDriver",
                    "PriorityClass",
                    "RuntimeClass",
                    "IngressClass",
                    "ClusterRole",
                    "ClusterRoleBinding",
                    "CustomResourceDefinition",
                    "CertificateSigningRequest",
                    "MutatingWebhookConfiguration",
                    "ValidatingWebhookConfiguration",
                    "APIService",
                    "ClusterIssuer",
                    "NodeClaim",
                    "NodePool");

    private static final ObjectReference NOTHING =
            new ObjectReference(null, null, null, null, null, null, null);

    private References() {}

    /** An object as told, or null, by what it is known. */
    public static ObjectReference known(ObjectReference told) {
        if (told == null) {
            return NOTHING;
        }
        if (!WatchedKind.NODE.isKind(told.kind()) || Objects.equals(told.uid(), told.name())) {
            return told;
        }
        return new ObjectReference(
                told.apiVersion(),
                told.kind(),
                told.namespace(),
                told.name(),
                told.name(),
                told.resourceVersion(),
                told.fieldPath());
    }

    /**
     * An object of which no more is told than its name.
     *
     * @param namespace where it is, if its kind belongs to namespaces
     */
    public static ObjectReference named(String kind, String namespace, String name) {
        return known(
                new ObjectReference(
                        null,
                        kind,
                        OF_NO_NAMESPACE.contains(kind) ? null : namespace,
                        name,
                        null,
                        null,
                        null));
    }
}
