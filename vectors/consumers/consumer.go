// Reads the vectors as an implementer would. What it counts, all four consumers count: five files, and their rows.
// go run consumer.go ../rfc6618
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
)

type row = map[string]any

func text(r row, name string) string { s, _ := r[name].(string); return s }
func number(r row, name string) int64 { f, _ := r[name].(float64); return int64(f) }
func octets(digits string) []byte    { out, _ := hex.DecodeString(digits); return out }
func container(r row) bool {
	m := r["octets"].(row)
	times := max(1, int(number(m, "content_repeat")))
	o := octets(text(m, "ver_rsrvd") + text(m, "identifier") + text(m, "length") + strings.Repeat(text(m, "content"), times))
	if len(o) < 5 || o[0]>>5 != 0 || o[1] == 0 || int(o[2])<<8|int(o[3]) != len(o)-4 {
		return r["value"] == nil
	}
	return reflect.DeepEqual(r["value"], row{"version": 0.0, "reserved": float64(o[0] & 31), "identifier": float64(o[1]), "length": float64(len(o) - 4)})
}
func trailer(r row) bool {
	m := r["octets"].(row)
	o := octets(text(m, "payload") + text(m, "padding") + text(m, "pad_length") + text(m, "next_header"))
	if len(o) < 2 || int(o[len(o)-2]) > len(o)-2 {
		return r["result"] == "invalid"
	}
	count, legal := int(o[len(o)-2]), true
	for i, octet := range o[len(o)-2-count : len(o)-2] {
		legal = legal && int(octet) == i+1
	}
	seen := row{"payload_len": float64(len(o) - 2 - count), "pad_length": float64(count), "next_header": float64(o[len(o)-1])}
	return reflect.DeepEqual(r["value"], seen) && legal == (r["result"] == "valid")
}
func sequence(r row) bool {
	seen, newest := map[int64]bool{}, int64(-1)
	for _, step := range r["steps"].([]any) {
		n := number(step.(row), "sequence_number")
		if (!seen[n] && n > newest-number(r, "window")) != (step.(row)["verdict"] == "accept") {
			return false
		}
		seen[n], newest = true, max(newest, n)
	}
	return true
}
func auth(r row) bool {
	labels := map[string]string{"rfc6618mn-to-hac": "MN", "rfc6618hac-to-mn": "HAC"}
	label := labels[text(r, "profile")+text(r, "direction")]
	key, content, covered := octets(text(r, "psk")+text(r, "key")), octets(text(r, "content")), number(r, "covered")
	mac := hmac.New(sha256.New, key)
	mac.Write(append(append([]byte(label), content[:covered]...), octets(text(r, "certificate_hash"))...))
	right, sent := hex.EncodeToString(mac.Sum(nil)), strings.Split(string(content[covered+5:]), "\r\n")[0]
	return r["auth"] == right && (sent == right && len(key) > 0) == (r["result"] != "invalid")
}
func main() {
	folder, asserted := append(os.Args, "../rfc6618")[1], 0
	checks := []func(row) bool{container, trailer, sequence, auth, auth}
	for i, name := range []string{"container", "trailer", "sequence", "auth_psk", "auth_eap"} {
		var document row
		file, _ := os.ReadFile(folder + "/" + name + ".json")
		if json.Unmarshal(file, &document) != nil || number(document, "count") != int64(len(document["tests"].([]any))) {
			panic(name)
		}
		for _, test := range document["tests"].([]any) {
			if !checks[i](test.(row)) {
				panic(text(test.(row), "id"))
			}
			asserted++
		}
		asserted++
	}
	fmt.Println(asserted, "asserted")
}
