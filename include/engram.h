/* The C interface of libengram: a trained model gets a frame and gives its code and the frame without noise. For C and
 * whatever can call C: Python (ctypes), C# (P/Invoke), MATLAB (loadlibrary), LabVIEW. C++ programs include the headers
 * of engram/ instead and link with nothing.
 *
 *     engram_model* model = engram_load("autoencoder");   // the folder that a training program wrote
 *     if (model == NULL) { fprintf(stderr, "%s\n", engram_error()); exit(1); }
 *     float code[16];                                     // engram_code_size(model) numbers
 *     uint8_t clean[50 * 50];
 *     if (engram_run_u8(model, frame, 50, 50, code, clean) != ENGRAM_OK) ...
 *     engram_free(model);
 *
 * Nothing here ends the process or throws. A function that fails leaves its text with engram_error(). One model is to
 * be used by one thread at a time; engram_copy() makes one for another thread. The ABI is that of the minor version:
 * 0.1.x fits 0.1.y.
 */
#ifndef ENGRAM_H
#define ENGRAM_H

#include <stdint.h>

#if defined(_WIN32) && defined(ENGRAM_C_API_BUILD)
#define ENGRAM_API __declspec(dllexport)
#elif defined(_WIN32)
#define ENGRAM_API __declspec(dllimport)
#elif defined(__GNUC__)
#define ENGRAM_API __attribute__((visibility("default")))
#else
#define ENGRAM_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A trained model and the buffers of one thread. */
typedef struct engram_model engram_model;

/* What a function returns. */
typedef enum engram_status {
  ENGRAM_OK = 0,
  ENGRAM_BAD_ARGUMENT = 1, /* NULL, a pixel that is no number, what this kind of model does not make */
  ENGRAM_BAD_SHAPE = 2,    /* frames of another size */
  ENGRAM_BAD_FORMAT = 3,   /* a file is not what it should be */
  ENGRAM_IO_ERROR = 4,     /* a file cannot be read */
  ENGRAM_FAILED = 5        /* anything else, such as no memory */
} engram_status;

/* "0.1.0" */
ENGRAM_API const char* engram_version(void);

/* What went wrong in the calling thread's last call that failed, in one line; "" before any has. Valid until the
 * thread's next failure. */
ENGRAM_API const char* engram_error(void);

/* The model of a folder that train_autoencoder, train_decoder, train_denoiser or train_direction_tagger wrote, or of
 * its file model.npz; path in UTF-8. NULL if it cannot be loaded. To be given back with engram_free. */
ENGRAM_API engram_model* engram_load(const char* path);

/* The same model for another thread: the weights are shared, the buffers its own. The model must not be running a frame
 * meanwhile. NULL if there is no memory. */
ENGRAM_API engram_model* engram_copy(const engram_model* model);

/* NULL is fine. */
ENGRAM_API void engram_free(engram_model* model);

/* "conv_autoencoder", "reduction_decoder", "direction_tagger" or "blind_spot_unet" (the denoiser); "" for NULL. Valid
 * as long as the model. */
ENGRAM_API const char* engram_kind(const engram_model* model);

/* Of the frames that the model takes; height and width are 0 if it takes any, all are 0 for NULL. */
ENGRAM_API int32_t engram_channels(const engram_model* model);
ENGRAM_API int32_t engram_height(const engram_model* model);
ENGRAM_API int32_t engram_width(const engram_model* model);

/* Numbers of a frame's code; 0 if the model makes none, as a denoiser. */
ENGRAM_API int32_t engram_code_size(const engram_model* model);

/* 1 if the model makes images, 0 if it does not, as a direction tagger. */
ENGRAM_API int32_t engram_makes_images(const engram_model* model);

/* Numbers that the model reads out of a frame: 2 for a direction tagger, x and y of the direction that the animal looks
 * to (right, down); 0 for others. */
ENGRAM_API int32_t engram_readout_size(const engram_model* model);

/* Takes a frame through the model.
 *   frame          pixels as they are recorded, [channels, height, width], row after row
 *   height, width  of the frame
 *   code           gets engram_code_size() numbers; NULL if not wanted
 *   denoised       gets the frame without noise, of the frame's size and in its unit, clipped to 0 .. white and, for
 *                  integers, rounded; NULL if not wanted, which spares an autoencoder its second half
 *
 * White is the training's --maximum or, where it had none, the type's: 255, 65535 and, for floats, 1, which they must
 * not exceed then. Floats must be finite. Where it fails, code and denoised are as they were. */
ENGRAM_API engram_status engram_run_u8(engram_model* model, const uint8_t* frame, int32_t height, int32_t width,
                                       float* code, uint8_t* denoised);
ENGRAM_API engram_status engram_run_u16(engram_model* model, const uint16_t* frame, int32_t height, int32_t width,
                                        float* code, uint16_t* denoised);
ENGRAM_API engram_status engram_run_f32(engram_model* model, const float* frame, int32_t height, int32_t width,
                                        float* code, float* denoised);

/* What the model read out of the last frame that it could run: engram_readout_size() numbers. */
ENGRAM_API engram_status engram_readout(const engram_model* model, float* values);

#ifdef __cplusplus
}
#endif

#endif
