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
package io.tocsin.job.rule;

import io.tocsin.job.model.Occurrence;

/** A field of an event that rules may name, in events.k8s.io/v1 terms. */
public enum Field {
    CLUSTER("cluster"),
    TYPE("type"),
    REASON("reason"),
    NOTE("note"),
    ACTION("action"),
    REPORTING_CONTROLLER("reportingController"),
    REPORTING_INSTANCE("reportingInstance"),
    REGARDING_API_VERSION("regarding.apiVersion"),
    REGARDING_KIND("regarding.kind"),
    REGARDING_NAMESPACE("regarding.namespace"),
    REGARDING_NAME("regarding.name"),
    REGARDING_UID("regarding.uid"),
    REGARDING_FIELD_PATH("regarding.fieldPath");

    private final String path;

    Field(String path) {
        this.path = path;
    }

    /** The field as rules write it. */
    public String path() {
        return path;
    }

    /** The value of this field, never null: the empty string where the event has none. */
    public String of(Occurrence occurrence) {
        String value =
                switch (this) {
                    case CLUSTER -> occurrence.cluster();
                    case TYPE -> occurrence.type();
                    case REASON -> occurrence.reason();
                    case NOTE -> occurrence.note();
                    case ACTION -> occurrence.action();
                    case REPORTING_CONTROLLER -> occurrence.reportingController();
                    case REPORTING_INSTANCE -> occurrence.reportingInstance();
                    case REGARDING_API_VERSION -> occurrence.regarding().apiVersion();
                    case REGARDING_KIND -> occurrence.regarding().kind();
                    case REGARDING_NAMESPACE -> occurrence.regarding().namespace();
                    case REGARDING_NAME -> occurrence.regarding().name();
                    case REGARDING_UID -> occurrence.regarding().uid();
                    case REGARDING_FIELD_PATH -> occurrence.regarding().fieldPath();
                };
        return value == null ? "" : value;
    }
}
