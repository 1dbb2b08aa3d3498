#pragma once

/// Every learning rate schedule.

#include <engram/optim/cosine_schedules.hpp>
#include <engram/optim/reduce_lr_on_plateau.hpp>
#include <engram/optim/schedule.hpp>
#include <engram/optim/step_schedules.hpp>
#include <engram/optim/warmup.hpp>
