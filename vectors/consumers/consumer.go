// Reads the vectors as an implementer would. What it counts, all four consumers count: five files, and their rows.
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

func text(r row, name string) string  { s, _ := r[name].(string); return s }
func number(r row, name string) int64 { f, _ := r[name].(float64); return int64(f) }
func octets(digits string) []byte     { out, _ := hex.DecodeString(digits); return out }
func container(r row) bool {
	m := r["octets"].(row)
	times := int(number(m, "content_repeat")) + map[bool]int{true: 1}[m["content_repeat"] == nil]
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
	return reflect.DeepEqual(r["value"], row{"payload_len": float64(len(o) - 2 - count), "pad_length": float64(count), "next_header": float64(o[len(o)-1])}) && legal == (r["result"] == "valid")
}
func sequence(r row) bool {
	seen := map[int64]bool{}
	for _, step := range r["steps"].([]any) {
		n, take := number(step.(row), "sequence_number"), true
		for old := range seen {
			take = take && n != old && n > old-number(r, "window")
		}
		if take != (step.(row)["verdict"] == "accept") {
			return false
		}
		seen[n] = true
	}
	return true
}
func auth(r row) bool {
	label := map[string]string{"rfc6618mn-to-hac": "MN", "rfc6618hac-to-mn": "HAC"}[text(r, "profile")+text(r, "direction")]
	key, content, covered := octets(text(r, "psk")+text(r, "key")), octets(text(r, "content")), number(r, "covered")
	mac := hmac.New(sha256.New, key)
	mac.Write(append(append([]byte(label), content[:covered]...), octets(text(r, "certificate_hash"))...))
	right, sent := hex.EncodeToString(mac.Sum(nil)), strings.Split(string(content[covered+5:]), "\r\n")[0]
	return r["auth"] == right && (sent == right && len(key) > 0) == (r["result"] != "invalid")
}
func main() {
	folder, asserted := append(os.Args, "../rfc6618")[1], 0
	var document row
	checks := map[string]func(row) bool{"container": container, "trailer": trailer, "sequence": sequence, "auth_psk": auth, "auth_eap": auth}
	for name, check := range checks {
		if file, _ := os.ReadFile(folder + "/" + name + ".json"); json.Unmarshal(file, &document) != nil || number(document, "count") != int64(len(document["tests"].([]any))) {
			panic(name)
		}
		for _, test := range document["tests"].([]any) {
			if !check(test.(row)) {
				panic(text(test.(row), "id"))
			}
		}
		asserted += 1 + len(document["tests"].([]any))
	}
	fmt.Println(asserted, "asserted")
}
