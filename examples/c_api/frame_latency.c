/* How long a trained model takes for each frame, in C: the histogram that tells whether a closed loop keeps its time.
 *
 *     frame_latency MODEL [FRAMES [FPS [HEIGHT WIDTH]]]
 *
 * MODEL is the folder that a training program wrote. FRAMES, 1000 if not given, are made here, as 8-bit pixels; FPS is
 * how many of them a camera would deliver in a second, 0, the default, one after another. Between frames at a camera's
 * pace caches cool down, so that each takes longer. HEIGHT and WIDTH are for a denoiser, which takes any.
 * POSIX. */
#define _POSIX_C_SOURCE 200809L

#include <engram.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BINS_PER_DOUBLING = 4, BINS = 30 * BINS_PER_DOUBLING, BAR = 50 };

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void sleep_until(double time) {
  double left;
  while ((left = time - seconds()) > 0) {
    struct timespec wait;
    wait.tv_sec = (time_t)left;
    wait.tv_nsec = (long)((left - (double)wait.tv_sec) * 1e9);
    nanosleep(&wait, NULL);
  }
}

static int ascending(const void* a, const void* b) {
  const double x = *(const double*)a;
  const double y = *(const double*)b;
  return (x > y) - (x < y);
}

/* The microseconds that a share of the sorted times does not exceed. */
static double quantile(const double* sorted, int count, double share) {
  return sorted[(int)(share * (count - 1) + 0.5)];
}

/* One line for each quarter of a doubling, between the shortest and the longest. */
static void print_histogram(const double* sorted, int count) {
  int counts[BINS] = {0};
  double edges[BINS + 1]; /* from 1 microsecond on */
  int first = BINS, last = 0, most = 1, i, bin;
  edges[0] = 1;
  for (bin = 0; bin < BINS; ++bin) {
    static const double steps[BINS_PER_DOUBLING] = {1.0, 1.189207115, 1.414213562, 1.681792831};
    edges[bin + 1] = edges[bin / BINS_PER_DOUBLING * BINS_PER_DOUBLING] *
                     ((bin + 1) % BINS_PER_DOUBLING == 0 ? 2 : steps[(bin + 1) % BINS_PER_DOUBLING]);
  }
  for (i = 0, bin = 0; i < count; ++i) {
    while (bin + 1 < BINS && sorted[i] >= edges[bin + 1]) {
      ++bin;
    }
    ++counts[bin];
    first = bin < first ? bin : first;
    last = bin;
    most = counts[bin] > most ? counts[bin] : most;
  }
  printf("%12s  %8s\n", "ms", "frames");
  for (bin = first; bin <= last; ++bin) {
    printf("%5.3f..%5.3f  %8d  ", edges[bin] / 1000, edges[bin + 1] / 1000, counts[bin]);
    for (i = 0; i < (counts[bin] * BAR + most - 1) / most; ++i) {
      putchar('#');
    }
    putchar('\n');
  }
}

/* A picture that moves, so that no frame is like another. */
static void make_frame(uint8_t* frame, size_t pixels, int number) {
  uint32_t noise = 12345U + (uint32_t)number;
  size_t i;
  for (i = 0; i < pixels; ++i) {
    noise = noise * 1664525U + 1013904223U;
    frame[i] = (uint8_t)((i + 3 * (size_t)number) % 160 + (noise >> 27));
  }
}

/* Runs `count` frames and keeps the microseconds that each took; 0 if one fails. */
static int measure(engram_model* model, int height, int width, double fps, int count, double* microseconds) {
  const size_t pixels = (size_t)engram_channels(model) * (size_t)height * (size_t)width;
  uint8_t* frame = malloc(pixels);
  uint8_t* clean = engram_makes_images(model) ? malloc(pixels) : NULL;
  float* code = engram_code_size(model) > 0 ? malloc(sizeof(float) * (size_t)engram_code_size(model)) : NULL;
  const double begin = seconds();
  int i = 0;
  if (frame == NULL || (clean == NULL && engram_makes_images(model)) || (code == NULL && engram_code_size(model) > 0)) {
    fprintf(stderr, "frame_latency: not enough memory\n");
  } else {
    for (; i < count; ++i) {
      double start;
      make_frame(frame, pixels, i);
      if (fps > 0) {
        sleep_until(begin + (i + 1) / fps);
      }
      start = seconds();
      if (engram_run_u8(model, frame, height, width, code, clean) != ENGRAM_OK) {
        fprintf(stderr, "%s\n", engram_error());
        break;
      }
      microseconds[i] = 1e6 * (seconds() - start);
    }
  }
  free(code);
  free(clean);
  free(frame);
  return i == count;
}

/* The whole number of an argument, or -1. */
static int whole(const char* text) {
  char* end;
  const long value = strtol(text, &end, 10);
  return *end == '\0' && end != text && value >= 0 && value <= 100000000 ? (int)value : -1;
}

int main(int argc, char** argv) {
  const int count = argc > 2 ? whole(argv[2]) : 1000;
  const int fps = argc > 3 ? whole(argv[3]) : 0;
  int height = argc > 5 ? whole(argv[4]) : 0;
  int width = argc > 5 ? whole(argv[5]) : 0;
  double* times;
  double first;
  engram_model* model;
  if (argc < 2 || argc == 5 || argc > 6 || count < 2 || fps < 0 || height < 0 || width < 0) {
    fprintf(stderr, "usage: frame_latency MODEL [FRAMES >= 2 [FPS [HEIGHT WIDTH]]]\n");
    return 2;
  }
  model = engram_load(argv[1]);
  if (model == NULL) {
    fprintf(stderr, "%s\n", engram_error());
    return 1;
  }
  if (argc < 6) {
    height = engram_height(model);
    width = engram_width(model);
  }
  times = malloc(sizeof(double) * (size_t)count);
  if (times == NULL) {
    fprintf(stderr, "frame_latency: not enough memory\n");
    return 1;
  }
  if (!measure(model, height, width, fps, count, times)) {
    return 1;
  }
  first = times[0]; /* memory that is touched for the first time, code that is loaded */
  qsort(times + 1, (size_t)count - 1, sizeof(double), ascending);
  printf("%s: %s, %d frames of %d x %d", argv[1], engram_kind(model), count, height, width);
  if (fps > 0) {
    printf(", %d in a second", fps);
  }
  printf("\nmilliseconds: the first %.3f; the others: median %.3f, 99 %% within %.3f, 99.9 %% within %.3f, longest %.3f\n",
         first / 1000, quantile(times + 1, count - 1, 0.5) / 1000, quantile(times + 1, count - 1, 0.99) / 1000,
         quantile(times + 1, count - 1, 0.999) / 1000, times[count - 1] / 1000);
  print_histogram(times + 1, count - 1);
  free(times);
  engram_free(model);
  return 0;
}
