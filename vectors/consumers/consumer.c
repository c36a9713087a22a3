/* Reads the vectors as an implementer would. What it counts, all four consumers count: five files, and their rows.
   gcc -o consumer consumer.c -ljansson -lcrypto && ./consumer ../rfc6618 */
#include <jansson.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

static unsigned char octets[1 << 17];
static const char *text(json_t *row, const char *name) { const char *s = json_string_value(json_object_get(row, name)); return s ? s : ""; }
static json_int_t number(json_t *row, const char *name) { return json_integer_value(json_object_get(row, name)); }
static int is(json_t *row, const char *name, const char *value) { return !strcmp(text(row, name), value); }
static size_t hex(const char *digits, unsigned char *out) {
    size_t n = strlen(digits) / 2;
    for (size_t i = 0; i < n; i++) sscanf(digits + 2 * i, "%2hhx", out + i);
    return n;
}
static int container(json_t *row) {
    json_t *m = json_object_get(row, "octets"), *repeat = json_object_get(m, "content_repeat"), *value = json_object_get(row, "value");
    size_t n = hex(text(m, "ver_rsrvd"), octets);
    n += hex(text(m, "identifier"), octets + n);
    n += hex(text(m, "length"), octets + n);
    for (json_int_t i = repeat ? json_integer_value(repeat) : 1; i > 0; i--) n += hex(text(m, "content"), octets + n);
    size_t length = n >= 4 ? octets[2] << 8 | octets[3] : 0;
    if (n < 4 || octets[0] >> 5 || !octets[1] || !length || length != n - 4) return !value;
    return value && number(value, "version") == octets[0] >> 5 && number(value, "reserved") == (octets[0] & 31)
        && number(value, "identifier") == octets[1] && number(value, "length") == (json_int_t)length;
}
static int trailer(json_t *row) {
    json_t *m = json_object_get(row, "octets"), *value = json_object_get(row, "value");
    const char *names[] = {"payload", "padding", "pad_length", "next_header"};
    size_t n = 0;
    for (int i = 0; i < 4; i++) n += hex(text(m, names[i]), octets + n);
    if (n < 2 || octets[n - 2] > n - 2) return is(row, "result", "invalid");
    int count = octets[n - 2], legal = 1;
    for (int i = 0; i < count; i++) legal &= octets[n - 2 - count + i] == i + 1;
    return value && number(value, "payload_len") == (json_int_t)(n - 2 - count) && number(value, "pad_length") == count
        && number(value, "next_header") == octets[n - 1] && is(row, "result", "valid") == legal;
}
static int sequence(json_t *row) {
    json_t *steps = json_object_get(row, "steps");
    json_int_t newest = -1, seen[2048];
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(steps) && count < 2048; i++) {
        json_t *step = json_array_get(steps, i);
        json_int_t n = number(step, "sequence_number"), take = n > newest - number(row, "window");
        for (size_t j = 0; j < count; j++) take &= seen[j] != n;
        if (!is(step, "verdict", take ? "accept" : "drop")) return 0;
        if ((seen[count++] = n) > newest) newest = n;
    }
    return 1;
}
static int auth(json_t *row) {
    unsigned char key[512], mac[32];
    const char *label = is(row, "profile", "draft-01") ? "" : is(row, "direction", "mn-to-hac") ? "MN" : "HAC";
    size_t covered = number(row, "covered"), n = strlen(label), k = hex(json_object_get(row, "psk") ? text(row, "psk") : text(row, "key"), key);
    memcpy(octets, label, n);
    size_t content = hex(text(row, "content"), octets + n);
    char sent[256] = "", right[65];
    for (size_t i = covered + 5; i < content && octets[n + i] != '\r' && i - covered - 5 < 255; i++) sent[i - covered - 5] = octets[n + i];
    size_t end = n + covered + hex(text(row, "certificate_hash"), octets + n + covered);
    HMAC(EVP_sha256(), key, k, octets, end, mac, NULL);
    for (int i = 0; i < 32; i++) sprintf(right + 2 * i, "%02x", mac[i]);
    return is(row, "auth", right) && (!strcmp(sent, right) && k) == !is(row, "result", "invalid");
}
int main(int argc, char **argv) {
    const char *names[] = {"container", "trailer", "sequence", "auth_psk", "auth_eap"};
    int (*checks[])(json_t *) = {container, trailer, sequence, auth, auth}, asserted = 0;
    size_t at;
    for (int i = 0; i < 5; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.json", argc > 1 ? argv[1] : "../rfc6618", names[i]);
        json_t *document = json_load_file(path, 0, NULL), *rows = json_object_get(document, "tests"), *row;
        if (!json_array_size(rows) || number(document, "count") != (json_int_t)json_array_size(rows)) { fprintf(stderr, "%s\n", path); return 1; }
        json_array_foreach(rows, at, row) if (!checks[i](row)) { fprintf(stderr, "%s\n", text(row, "id")); return 1; }
        asserted += 1 + json_array_size(rows);
    }
    printf("%d asserted\n", asserted);
    return asserted == 0;
}
