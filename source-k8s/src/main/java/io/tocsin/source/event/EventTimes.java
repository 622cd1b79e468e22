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
package io.tocsin.source.event;

/**
 * Parses the times of Kubernetes objects: RFC 3339 with any fraction and offset (metav1.Time and
 * MicroTime). Written out because a formatter costs more than the rest of an event.
 */
public final class EventTimes {

    private EventTimes() {}

    /**
     * Epoch milliseconds, rounded down; null for what is no time, and for the year 1, which is how
     * Go writes "not set".
     */
    public static Long parse(String text) {
        if (text == null || text.length() < 20 || text.length() > 64) {
            return null;
        }
        int year = digits(text, 0, 4);
        int month = digits(text, 5, 2);
        int day = digits(text, 8, 2);
        int hour = digits(text, 11, 2);
        int minute = digits(text, 14, 2);
        int second = digits(text, 17, 2);
        char separator = text.charAt(10);
        if (text.charAt(4) != '-'
                || text.charAt(7) != '-'
                || (separator != 'T' && separator != 't' && separator != ' ')
                || text.charAt(13) != ':'
                || text.charAt(16) != ':'
                || year <= 1
                || month < 1
                || month > 12
                || day < 1
                || day > daysOf(year, month)
                || hour < 0
                || hour > 23
                || minute < 0
                || minute > 59
                || second < 0
                || second > 60) {
            return null;
        }
        int position = 19;
        int millis = 0;
        if (text.charAt(position) == '.') {
            int scale = 100;
            position++;
            while (position < text.length() && isDigit(text.charAt(position))) {
                millis += (text.charAt(position) - '0') * scale;
                scale /= 10;
                position++;
            }
        }
        int offsetMinutes = offsetMinutes(text, position);
        if (offsetMinutes == Integer.MIN_VALUE) {
            return null;
        }
        long seconds =
                epochDay(year, month, day) * 86_400L
                        + hour * 3600L
                        + (minute - offsetMinutes) * 60L
                        + Math.min(second, 59);
        return seconds * 1000 + millis;
    }

    /** Integer.MIN_VALUE if there is no offset, or more than one. */
    private static int offsetMinutes(String text, int position) {
        int rest = text.length() - position;
        char sign = rest > 0 ? text.charAt(position) : 0;
        if ((sign == 'Z' || sign == 'z') && rest == 1) {
            return 0;
        }
        if ((sign == '+' || sign == '-') && rest == 6 && text.charAt(position + 3) == ':') {
            int hours = digits(text, position + 1, 2);
            int minutes = digits(text, position + 4, 2);
            if (hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59) {
                int offset = hours * 60 + minutes;
                return sign == '-' ? -offset : offset;
            }
        }
        return Integer.MIN_VALUE;
    }

    /** -1 if one of them is no digit. */
    private static int digits(String text, int from, int count) {
        int value = 0;
        for (int i = from; i < from + count; i++) {
            char c = text.charAt(i);
            if (!isDigit(c)) {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int daysOf(int year, int month) {
        return switch (month) {
            case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
            case 4, 6, 9, 11 -> 30;
            default -> 31;
        };
    }

    /** Days since 1970-01-01 of the proleptic Gregorian calendar, counting years from March. */
    private static long epochDay(int year, int month, int day) {
        int y = month <= 2 ? year - 1 : year;
        int era = y / 400;
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468L;
    }
}
