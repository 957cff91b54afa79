package web_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// Each word that a page shows stands in a catalogue, so that it is there in both languages.
func TestTemplatesHaveNoTextOfTheirOwn(t *testing.T) {
	actions := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	// Commands, and in drawings what stands on the screens of other programs, are not translated.
	markup := regexp.MustCompile(`(?s)<!--.*?-->|<code[^>]*>.*?</code>|<text[^>]*>.*?</text>|<[^>]*>|&#?\w+;`)
	spoken := regexp.MustCompile(`\s(?:aria-label|title|alt|placeholder|content)="([^"]*)"`)
	style := regexp.MustCompile(`\sstyle="|\son[a-z]+="|<style|javascript:`)
	words := regexp.MustCompile(`\pL{2,}`)
	// The same in every language: names, commands, what machines read.
	same := regexp.MustCompile(`\bAbsah\b|\b(?:Windows|macOS|Linux)\b|\bmake web\b|width=device-width, initial-scale=1|light dark|#[0-9a-f]{6}|SHA-(1|256)|ABS-[A-Z]{3}-\d{3}|\bxn--`)
	pages, err := filepath.Glob("template/*.html")
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d templates, %v", len(pages), err)
	}
	for _, p := range pages {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		// An action may stand within a tag, so it goes first.
		page := actions.ReplaceAllString(string(b), "")
		if m := style.FindString(page); m != "" {
			t.Errorf("%s: %q, which the policy of the page forbids", p, m)
		}
		for _, m := range spoken.FindAllStringSubmatch(page, -1) {
			if w := words.FindString(same.ReplaceAllString(m[1], "")); w != "" {
				t.Errorf("%s: an attribute says %q", p, m[1])
			}
		}
		text := same.ReplaceAllString(markup.ReplaceAllString(page, " "), "")
		if w := words.FindAllString(text, -1); len(w) > 0 {
			t.Errorf("%s: %q are not in a catalogue", p, w)
		}
	}
}

// A text of much greater length than its other language does not fit where that does. Short ones differ more, and have room.
func TestLengthOfTexts(t *testing.T) {
	for _, folder := range []string{"text", "text/app"} {
		texts := map[string]map[string]string{}
		for _, lang := range []string{"id", "en"} {
			b, err := os.ReadFile(folder + "/" + lang + ".json")
			if err != nil {
				t.Fatal(err)
			}
			m := map[string]string{}
			if err := json.Unmarshal(b, &m); err != nil {
				t.Fatalf("%s/%s.json: %v", folder, lang, err)
			}
			texts[lang] = m
		}
		for k, id := range texts["id"] {
			a, b := utf8.RuneCountInString(id), utf8.RuneCountInString(texts["en"][k])
			if min(a, b) >= 24 && float64(b) >= 1.6*float64(a) {
				t.Errorf("%s %s: %d letters in Indonesian, %d in English", folder, k, a, b)
			}
			if strings.TrimSpace(id) != id {
				t.Errorf("%s %s: blanks around it", folder, k)
			}
		}
	}
}
