// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "units.h"

#define BUCKET	"_bucket"
#define BOUND	"le"

const double idle_bucket_s[NR_IDLE_BUCKETS] = {
	0, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, __builtin_inf()
};

void metrics_push(struct metrics *m, const char *key, const char *fmt, ...)
{
	struct metric_labels *labels = &m->labels;
	va_list ap;

	if (labels->nr == MAX_LABELS)
		abort();
	labels->label[labels->nr].key = key;
	va_start(ap, fmt);
	if (vasprintf(&labels->label[labels->nr].value, fmt, ap) < 0) {
		labels->label[labels->nr].value = NULL;
		m->no_memory = true;
	}
	va_end(ap);
	labels->nr++;
}

static void drop_last(struct metric_labels *labels)
{
	free(labels->label[--labels->nr].value);
}

void metrics_pop(struct metrics *m, unsigned int nr)
{
	while (nr--)
		drop_last(&m->labels);
}

static void copy_labels(struct metrics *m, struct metric_labels *to)
{
	const struct metric_labels *from = &m->labels;
	unsigned int i;

	for (i = 0; i < from->nr; i++) {
		to->label[i].key = from->label[i].key;
		to->label[i].value = from->label[i].value ?
			strdup(from->label[i].value) : NULL;
		if (!to->label[i].value)
			m->no_memory = true;
	}
	to->nr = from->nr;
}

static void add(struct metrics *m, unsigned int family, const char *suffix,
		double value)
{
	struct metric_sample *sample;

	if (m->nr == m->capacity) {
		size_t capacity = m->capacity ? 2 * m->capacity : 64;

		sample = reallocarray(m->samples, capacity, sizeof(*sample));
		if (!sample) {
			m->no_memory = true;
			return;
		}
		m->samples = sample;
		m->capacity = capacity;
	}
	sample = &m->samples[m->nr++];
	*sample = (struct metric_sample){ family, suffix, .value = value };
	copy_labels(m, &sample->labels);
}

void metrics_add(struct metrics *m, unsigned int family, double value)
{
	add(m, family, "", value);
}

void idle_histogram_add(struct idle_histogram *h, double seconds, double bytes)
{
	unsigned int i;

	if (seconds < 0)
		seconds = 0;
	for (i = 0; seconds > idle_bucket_s[i]; i++)
		;
	h->bytes[i] += bytes;
	h->sum += seconds * bytes;
}

void metrics_add_histogram(struct metrics *m, unsigned int family,
			   const struct idle_histogram *h)
{
	double so_far = 0;
	unsigned int i;

	for (i = 0; i < NR_IDLE_BUCKETS; i++) {
		so_far += h->bytes[i];
		if (i == NR_IDLE_BUCKETS - 1)
			metrics_push(m, BOUND, "+Inf");
		else
			metrics_push(m, BOUND, "%.1f", idle_bucket_s[i]);
		add(m, family, BUCKET, so_far);
		metrics_pop(m, 1);
	}
	add(m, family, "_count", so_far);
	add(m, family, "_sum", h->sum);
}

void metrics_free(struct metrics *m)
{
	size_t i;

	metrics_pop(m, m->labels.nr);
	for (i = 0; i < m->nr; i++) {
		while (m->samples[i].labels.nr)
			drop_last(&m->samples[i].labels);
	}
	free(m->samples);
}

/* Whole numbers as such, for people who look at it. */
static void put_number(FILE *out, double value)
{
	if (value > -1e15 && value < 1e15 && value == (long long)value)
		fprintf(out, "%.0f", value);
	else
		fprintf(out, "%.15g", value);
}

/* The formats are UTF-8; bytes that may be none become '?'. */
static void put_labels(FILE *out, const struct metric_labels *labels)
{
	const char *p;
	unsigned int i;

	for (i = 0; i < labels->nr; i++) {
		fprintf(out, "%c%s=\"", i ? ',' : '{', labels->label[i].key);
		p = labels->label[i].value;
		for (; p && *p; p++) {
			if (*p == '\\' || *p == '"')
				fprintf(out, "\\%c", *p);
			else if (*p == '\n')
				fputs("\\n", out);
			else
				fputc(*p < ' ' || *p > '~' ? '?' : *p, out);
		}
		fputc('"', out);
	}
	if (labels->nr)
		fputc('}', out);
}

static void put_samples(FILE *out, const struct metrics *m, unsigned int family,
			const char *total, bool gauge_histograms)
{
	size_t i;

	for (i = 0; i < m->nr; i++) {
		const struct metric_sample *sample = &m->samples[i];
		const char *suffix = sample->suffix;

		if (sample->family != family)
			continue;
		/* "_gcount" and "_gsum" */
		fprintf(out, "%s%s", m->families[family].name, total);
		if (gauge_histograms && *suffix && strcmp(suffix, BUCKET))
			fprintf(out, "_g%s", suffix + 1);
		else
			fputs(suffix, out);
		put_labels(out, &sample->labels);
		fputc(' ', out);
		put_number(out, sample->value);
		fputc('\n', out);
	}
}

static bool has_samples(const struct metrics *m, unsigned int family)
{
	size_t i;

	for (i = 0; i < m->nr; i++) {
		if (m->samples[i].family == family)
			return true;
	}
	return false;
}

void metrics_write_openmetrics(FILE *out, const struct metrics *m)
{
	static const char *const types[] = {
		[METRIC_GAUGE] = "gauge",
		[METRIC_COUNTER] = "counter",
		[METRIC_HISTOGRAM] = "gaugehistogram",
	};
	unsigned int i;

	for (i = 0; i < m->nr_families; i++) {
		const struct metric_family *family = &m->families[i];

		if (!has_samples(m, i))
			continue;
		fprintf(out, "# TYPE %s %s\n", family->name,
			types[family->type]);
		if (family->unit)
			fprintf(out, "# UNIT %s %s\n", family->name,
				family->unit);
		fprintf(out, "# HELP %s %s.\n", family->name, family->help);
		put_samples(out, m, i, family->type == METRIC_COUNTER ?
			    "_total" : "", true);
	}
	fputs("# EOF\n", out);
}

/* That format has neither units nor histograms that go down, nor an end. */
void metrics_write_prometheus(FILE *out, const struct metrics *m)
{
	static const char *const types[] = {
		[METRIC_GAUGE] = "gauge",
		[METRIC_COUNTER] = "counter",
		[METRIC_HISTOGRAM] = "histogram",
	};
	unsigned int i;

	for (i = 0; i < m->nr_families; i++) {
		const struct metric_family *family = &m->families[i];
		const char *total = family->type == METRIC_COUNTER ?
			"_total" : "";

		if (!has_samples(m, i))
			continue;
		fprintf(out, "# HELP %s%s %s.\n# TYPE %s%s %s\n", family->name,
			total, family->help, family->name, total,
			types[family->type]);
		put_samples(out, m, i, total, false);
	}
}

void metrics_write_json(FILE *out, const struct metrics *m)
{
	bool first = true;
	unsigned int family, i;
	size_t nr;

	fputs("[", out);
	for (family = 0; family < m->nr_families; family++) {
		for (nr = 0; nr < m->nr; nr++) {
			const struct metric_sample *sample = &m->samples[nr];

			if (sample->family != family)
				continue;
			fprintf(out, "%s\n  {\"name\": \"%s%s%s\", \"labels\": {",
				first ? "" : ",", m->families[family].name,
				m->families[family].type == METRIC_COUNTER ?
				"_total" : "", sample->suffix);
			first = false;
			for (i = 0; i < sample->labels.nr; i++) {
				fprintf(out, "%s\"%s\": ", i ? ", " : "",
					sample->labels.label[i].key);
				json_string(out, sample->labels.label[i].value ?
					    sample->labels.label[i].value : "");
			}
			fputs("}, \"value\": ", out);
			put_number(out, sample->value);
			fputs("}", out);
		}
	}
	fputs("\n]\n", out);
}
