BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v3.2.0.a');
CREATE TABLE proctor_openings (
	id INTEGER NOT NULL, 
	study_name VARCHAR(512) NOT NULL, 
	test_fingerprint VARCHAR(64) NOT NULL, 
	look INTEGER NOT NULL, 
	winner_trial INTEGER NOT NULL, 
	reason TEXT, 
	opened_at DATETIME NOT NULL, 
	host VARCHAR(255) NOT NULL, 
	pid INTEGER NOT NULL, 
	user VARCHAR(255) NOT NULL, 
	process_start VARCHAR(32) NOT NULL, 
	resumes INTEGER NOT NULL, 
	finished_at DATETIME, 
	figures TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (study_name, look)
);
CREATE TABLE studies (
	study_id INTEGER NOT NULL, 
	study_name VARCHAR(512) NOT NULL, 
	PRIMARY KEY (study_id)
);
INSERT INTO "studies" VALUES(1,'iris');
CREATE TABLE study_directions (
	study_direction_id INTEGER NOT NULL, 
	direction VARCHAR(8) NOT NULL, 
	study_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	PRIMARY KEY (study_direction_id), 
	UNIQUE (study_id, objective), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_directions" VALUES(1,'MINIMIZE',1,0);
CREATE TABLE study_system_attributes (
	study_system_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_system_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
CREATE TABLE study_user_attributes (
	study_user_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_user_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_user_attributes" VALUES(1,1,'format','3');
INSERT INTO "study_user_attributes" VALUES(2,1,'config','{"name": "iris", "seed": 0, "trials": 4, "concurrency": 4, "metric": "error", "watch": "error", "bayes_error": 0.0, "sampler": "tpe", "space": {"beta_2": {"kind": "constant", "value": 0.95, "when": {}}, "learning_rate": {"kind": "float", "low": 0.0003, "high": 0.03, "log": true, "default": 0.003, "when": {}}, "learning_rate_schedule": {"kind": "categorical", "choices": ["constant", "cosine"], "default": null, "when": {}}, "batch_size": {"kind": "categorical", "choices": [32, 64, 128, 256], "default": 64, "when": {}}, "depth": {"kind": "integer", "low": 1, "high": 4, "log": false, "step": 1, "default": null, "when": {}}, "width": {"kind": "integer", "low": 16, "high": 256, "log": true, "step": 1, "default": null, "when": {}}, "activation": {"kind": "categorical", "choices": ["relu", "tanh", "gelu"], "default": null, "when": {}}, "l2_lambda": {"kind": "float", "low": 0.01, "high": 100.0, "log": true, "default": 1.0, "when": {}}, "class_balance": {"kind": "float", "low": 0.0, "high": 1.0, "log": false, "default": 1.0, "when": {}}}, "data": {"table": "iris", "dev_table": null, "test_table": null, "target": null, "task": "classification", "missing_target": "drop", "log_target": false, "image_shape": null, "delimiter": null, "encoding": null, "decimal_comma": null}, "split": {"dev_fraction": null, "test_fraction": null, "no_test": false, "folds": 1, "repeats": 1}, "columns": {}, "training": {"max_epochs": 3, "patience": 3, "min_gain": 0.0}, "pruner": {"kind": "successive-halving", "reduction_factor": 3}}');
INSERT INTO "study_user_attributes" VALUES(3,1,'keep_sealed','true');
INSERT INTO "study_user_attributes" VALUES(4,1,'command','"proctor run iris"');
INSERT INTO "study_user_attributes" VALUES(5,1,'target','"species"');
INSERT INTO "study_user_attributes" VALUES(6,1,'n_examples','{"train": 90, "dev": 30, "test": 30}');
INSERT INTO "study_user_attributes" VALUES(7,1,'test_fingerprint','"ff6d6a2b6d76b04cbaa0259d7bef120479ae667d74ad24a5623fea9f45c73a95"');
INSERT INTO "study_user_attributes" VALUES(8,1,'known_fingerprint','"31a1ee665bd9e25838e0d41a6cbd15f83e779371c11b3423694508829a18b5f8"');
INSERT INTO "study_user_attributes" VALUES(9,1,'versions','{"python": "3.11.7", "proctor": "0.1.0", "numpy": "2.4.6", "optuna": "5.0.0", "polars": "2.1.0", "ray": "2.60.0", "scikit-learn": "1.9.1"}');
INSERT INTO "study_user_attributes" VALUES(10,1,'machine','"x86_64"');
CREATE TABLE trial_heartbeats (
	trial_heartbeat_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	heartbeat DATETIME NOT NULL, 
	PRIMARY KEY (trial_heartbeat_id), 
	UNIQUE (trial_id), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_intermediate_values (
	trial_intermediate_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	intermediate_value FLOAT, 
	intermediate_value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_intermediate_value_id), 
	UNIQUE (trial_id, step), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_intermediate_values" VALUES(1,1,1,5.66666666666666651863e-01,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(2,1,2,0.3,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(3,1,3,1.66666666666666657414e-01,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(4,2,1,3.33333333333333314829e-01,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(5,2,2,1.33333333333333331482e-01,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(6,2,3,6.66666666666666657414e-02,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(7,3,1,1.33333333333333331482e-01,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(8,3,2,0.1,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(9,3,3,0.1,'FINITE');
CREATE TABLE trial_params (
	param_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	param_name VARCHAR(512), 
	param_value FLOAT, 
	distribution_json TEXT, 
	PRIMARY KEY (param_id), 
	UNIQUE (trial_id, param_name), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_params" VALUES(1,1,'learning_rate',0.003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.03, "log": true}}');
INSERT INTO "trial_params" VALUES(2,1,'learning_rate_schedule',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["constant", "cosine"]}}');
INSERT INTO "trial_params" VALUES(3,1,'batch_size',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [32, 64, 128, 256]}}');
INSERT INTO "trial_params" VALUES(4,1,'depth',2.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 4}}');
INSERT INTO "trial_params" VALUES(5,1,'width',64.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 256}}');
INSERT INTO "trial_params" VALUES(6,1,'activation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "tanh", "gelu"]}}');
INSERT INTO "trial_params" VALUES(7,1,'l2_lambda',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(8,1,'class_balance',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(9,2,'learning_rate',2.65196236027411130775e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.03, "log": true}}');
INSERT INTO "trial_params" VALUES(10,2,'learning_rate_schedule',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["constant", "cosine"]}}');
INSERT INTO "trial_params" VALUES(11,2,'batch_size',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [32, 64, 128, 256]}}');
INSERT INTO "trial_params" VALUES(12,2,'depth',3.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 4}}');
INSERT INTO "trial_params" VALUES(13,2,'width',198.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 256}}');
INSERT INTO "trial_params" VALUES(14,2,'activation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "tanh", "gelu"]}}');
INSERT INTO "trial_params" VALUES(15,2,'l2_lambda',5.6089015705355249608e+00,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(16,2,'class_balance',6.59872572215336461454e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(17,3,'learning_rate',4.0155896334698069558e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.03, "log": true}}');
INSERT INTO "trial_params" VALUES(18,3,'learning_rate_schedule',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["constant", "cosine"]}}');
INSERT INTO "trial_params" VALUES(19,3,'batch_size',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [32, 64, 128, 256]}}');
INSERT INTO "trial_params" VALUES(20,3,'depth',4.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 4}}');
INSERT INTO "trial_params" VALUES(21,3,'width',206.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 256}}');
INSERT INTO "trial_params" VALUES(22,3,'activation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "tanh", "gelu"]}}');
INSERT INTO "trial_params" VALUES(23,3,'l2_lambda',5.00541156699438549715e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(24,3,'class_balance',2.04882341728356731636e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(25,4,'learning_rate',2.72563841633599633976e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0003, "high": 0.03, "log": true}}');
INSERT INTO "trial_params" VALUES(26,4,'learning_rate_schedule',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["constant", "cosine"]}}');
INSERT INTO "trial_params" VALUES(27,4,'batch_size',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [32, 64, 128, 256]}}');
INSERT INTO "trial_params" VALUES(28,4,'depth',1.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 4}}');
INSERT INTO "trial_params" VALUES(29,4,'width',18.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 16, "high": 256}}');
INSERT INTO "trial_params" VALUES(30,4,'activation',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "tanh", "gelu"]}}');
INSERT INTO "trial_params" VALUES(31,4,'l2_lambda',3.61519640533447841326e+01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(32,4,'class_balance',8.82257132885065908922e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
CREATE TABLE trial_system_attributes (
	trial_system_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_system_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_user_attributes (
	trial_user_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_user_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_user_attributes" VALUES(1,1,'seed','3831201730');
INSERT INTO "trial_user_attributes" VALUES(2,1,'virtual_start','0.0');
INSERT INTO "trial_user_attributes" VALUES(3,2,'seed','901243215');
INSERT INTO "trial_user_attributes" VALUES(4,2,'virtual_start','0.0');
INSERT INTO "trial_user_attributes" VALUES(5,3,'seed','1961547765');
INSERT INTO "trial_user_attributes" VALUES(6,3,'virtual_start','0.0');
INSERT INTO "trial_user_attributes" VALUES(7,1,'learning_curve','{"train_loss": [1.463424357606305, 0.8077366376916567, 0.5227114213423596], "train_cost": [3.0214735114096096, 2.3476684008892748, 2.0442290438389854], "dev_loss": [0.885927597993755, 0.5399102035381609, 0.4073453349533524], "dev_metric": [0.5666666666666667, 0.3, 0.16666666666666666], "dev_watched": [0.5666666666666667, 0.3, 0.16666666666666666], "gradient_norm": [3.799, 3.15, 1.572], "activation_spreads": [[0.9076, 0.8329], [0.9825, 0.9534], [0.9106, 0.8617]], "gradient_spreads": [[0.002908, 0.003022], [0.002704, 0.002657], [0.002377, 0.002412]]}');
INSERT INTO "trial_user_attributes" VALUES(8,1,'best_epoch','3');
INSERT INTO "trial_user_attributes" VALUES(9,1,'dev_metrics','{"error": 0.16666666666666666, "log_loss": 0.4073453349533524, "balanced_error": 0.16666666666666666, "macro_f1": 0.8294970161977835, "roc_auc": 0.96, "calibration_error": 0.1330631782611211}');
INSERT INTO "trial_user_attributes" VALUES(10,1,'zero_share','0.0');
INSERT INTO "trial_user_attributes" VALUES(11,1,'epochs','3');
INSERT INTO "trial_user_attributes" VALUES(12,1,'seconds','0.0025');
INSERT INTO "trial_user_attributes" VALUES(13,1,'worker','"in-process-0"');
INSERT INTO "trial_user_attributes" VALUES(14,1,'runs','1');
INSERT INTO "trial_user_attributes" VALUES(15,1,'virtual_end','0.0003873107142857143');
INSERT INTO "trial_user_attributes" VALUES(16,2,'learning_curve','{"train_loss": [1.4093771873248948, 5.760956998721441, 0.4920084204757586], "train_cost": [33.11755270646087, 34.898649604217496, 29.28533013583283], "dev_loss": [5.14574360503957, 0.6364251544617167, 0.520625474906002], "dev_metric": [0.3333333333333333, 0.13333333333333333, 0.06666666666666667], "dev_watched": [0.3333333333333333, 0.13333333333333333, 0.06666666666666667], "gradient_norm": [9.555, 14.16, 3.773], "activation_spreads": [[0.8166, 0.7977, 0.7795], [0.7973, 1.334, 2.142], [0.7849, 1.482, 2.603]], "gradient_spreads": [[0.000707, 0.0007005, 0.0007641], [0.0009729, 0.0008063, 0.0006537], [0.0004716, 0.0003688, 0.0003647]]}');
INSERT INTO "trial_user_attributes" VALUES(17,2,'best_epoch','3');
INSERT INTO "trial_user_attributes" VALUES(18,2,'dev_metrics','{"error": 0.06666666666666667, "log_loss": 0.520625474906002, "balanced_error": 0.06666666666666667, "macro_f1": 0.9333333333333332, "roc_auc": 0.9683333333333333, "calibration_error": 0.09128409226735433}');
INSERT INTO "trial_user_attributes" VALUES(19,2,'zero_share','0.0');
INSERT INTO "trial_user_attributes" VALUES(20,2,'epochs','3');
INSERT INTO "trial_user_attributes" VALUES(21,2,'seconds','0.0139');
INSERT INTO "trial_user_attributes" VALUES(22,2,'worker','"in-process-0"');
INSERT INTO "trial_user_attributes" VALUES(23,2,'runs','1');
INSERT INTO "trial_user_attributes" VALUES(24,2,'virtual_end','0.002521370614285714');
INSERT INTO "trial_user_attributes" VALUES(25,3,'learning_curve','{"train_loss": [0.873019896187218, 0.47195386929346594, 0.3646694377310698], "train_cost": [5.322451776294063, 4.813160212132417, 4.686739265103167], "dev_loss": [0.41255764096558667, 0.4161959189002175, 0.45255663110679095], "dev_metric": [0.13333333333333333, 0.1, 0.1], "dev_watched": [0.13333333333333333, 0.1, 0.1], "gradient_norm": [5.218, 0.8666, 2.651], "activation_spreads": [[0.8745, 0.9639, 1.163, 1.629], [0.8756, 1.009, 1.317, 1.973], [0.8434, 0.9983, 1.312, 2.005]], "gradient_spreads": [[0.002365, 0.001814, 0.001692, 0.001537], [0.0009483, 0.0007438, 0.0007813, 0.0007936], [0.001702, 0.001318, 0.001248, 0.001192]]}');
INSERT INTO "trial_user_attributes" VALUES(26,3,'best_epoch','2');
INSERT INTO "trial_user_attributes" VALUES(27,3,'dev_metrics','{"error": 0.1, "log_loss": 0.4161959189002175, "balanced_error": 0.10000000000000002, "macro_f1": 0.899749373433584, "roc_auc": 0.9700000000000001, "calibration_error": 0.09366772770881653}');
INSERT INTO "trial_user_attributes" VALUES(28,3,'zero_share','0.0');
INSERT INTO "trial_user_attributes" VALUES(29,3,'epochs','3');
INSERT INTO "trial_user_attributes" VALUES(30,3,'seconds','0.0144');
INSERT INTO "trial_user_attributes" VALUES(31,3,'worker','"in-process-0"');
INSERT INTO "trial_user_attributes" VALUES(32,3,'runs','1');
INSERT INTO "trial_user_attributes" VALUES(33,3,'virtual_end','0.005411765185714285');
INSERT INTO "trial_user_attributes" VALUES(34,4,'seed','3679268941');
INSERT INTO "trial_user_attributes" VALUES(35,4,'virtual_start','0.0');
CREATE TABLE trial_values (
	trial_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	value FLOAT, 
	value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_value_id), 
	UNIQUE (trial_id, objective), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_values" VALUES(1,1,0,1.66666666666666657414e-01,'FINITE');
INSERT INTO "trial_values" VALUES(2,2,0,6.66666666666666657414e-02,'FINITE');
INSERT INTO "trial_values" VALUES(3,3,0,0.1,'FINITE');
CREATE TABLE trials (
	trial_id INTEGER NOT NULL, 
	number INTEGER, 
	study_id INTEGER, 
	state VARCHAR(8) NOT NULL, 
	datetime_start DATETIME, 
	datetime_complete DATETIME, 
	PRIMARY KEY (trial_id), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "trials" VALUES(1,0,1,'COMPLETE','2026-11-24 18:31:08.880381','2026-11-24 18:31:08.888088');
INSERT INTO "trials" VALUES(2,1,1,'COMPLETE','2026-11-24 18:31:08.881313','2026-11-24 18:31:08.910242');
INSERT INTO "trials" VALUES(3,2,1,'COMPLETE','2026-11-24 18:31:08.881571','2026-11-24 18:31:08.929627');
INSERT INTO "trials" VALUES(4,3,1,'RUNNING','2026-11-24 18:31:08.974235',NULL);
CREATE TABLE version_info (
	version_info_id INTEGER NOT NULL, 
	schema_version INTEGER, 
	library_version VARCHAR(256), 
	PRIMARY KEY (version_info_id), 
	CHECK (version_info_id=1)
);
INSERT INTO "version_info" VALUES(1,12,'5.0.0');
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE INDEX ix_trials_study_id ON trials (study_id);
COMMIT;
